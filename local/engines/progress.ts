// What is being fetched and how far it is: lines where a log is read, one line updated in place where a person watches.

/** One step of getting an engine. `fraction` is 0 to 1 where it is known; `done` ends the engine's line. */
export interface ProgressEvent {
  engine: string;
  step: string;
  fraction?: number;
  done?: boolean;
  detail?: string;
}

export type Progress = (event: ProgressEvent) => void;

/** One line that says an event. */
export const progressLine = ({ engine, step, fraction, detail }: ProgressEvent): string => {
  const percent = fraction === undefined ? '' : ` ${Math.floor(fraction * 100)} %`;
  return `${engine.padEnd(10)} ${step}${percent}${detail ? ` (${detail})` : ''}`;
};

/** Prints progress to a stream: in place on a terminal, else one line for each new step. */
export const printProgress = (
  stream: { write(text: string): unknown; isTTY?: boolean; columns?: number } = process.stderr,
): Progress => {
  let lastStep = '';
  return (event) => {
    if (stream.isTTY) {
      const line = progressLine(event).slice(0, (stream.columns ?? 80) - 1);
      stream.write(`\r\u001b[2K${line}${event.done ? '\n' : ''}`);
      return;
    }
    const step = `${event.engine} ${event.step}`;
    if (step !== lastStep || event.done) stream.write(`${progressLine(event)}\n`);
    lastStep = step;
  };
};
