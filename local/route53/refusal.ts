/** An answer that isn't 200, with Route 53's own code (API reference, Common errors and each action's errors). */
export class Route53Refusal extends Error {
  readonly code: string;
  readonly status: number;

  constructor(code: string, status: number, message: string) {
    super(message);
    this.name = 'Route53Refusal';
    this.code = code;
    this.status = status;
  }
}

/** 404 for a zone that isn't there. */
export const noSuchZone = (id: string): Route53Refusal =>
  new Route53Refusal('NoSuchHostedZone', 404, `No hosted zone found with ID: ${id}`);

/** 400 for input that the API would not take. */
export const invalidInput = (message: string): Route53Refusal => new Route53Refusal('InvalidInput', 400, message);
