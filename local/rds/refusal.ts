/**
 * An answer that isn't 200, with the code as it is on the wire (API reference, each action's "Errors"): the SDK's error names
 * add "Fault" to most of them.
 */
export class RdsRefusal extends Error {
  readonly code: string;
  readonly status: number;

  constructor(code: string, message: string, status = 400) {
    super(message);
    this.name = 'RdsRefusal';
    this.code = code;
    this.status = status;
  }
}

export const invalidValue = (message: string): RdsRefusal => new RdsRefusal('InvalidParameterValue', message);

export const invalidCombination = (message: string): RdsRefusal =>
  new RdsRefusal('InvalidParameterCombination', message);
