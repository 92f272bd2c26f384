/** A failure that one line explains. `exitCode` as everywhere: 1 the work failed, 2 it was asked for wrongly. */
export class BenchFailure extends Error {
  readonly exitCode: 1 | 2;
  constructor(message: string, exitCode: 1 | 2 = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}
