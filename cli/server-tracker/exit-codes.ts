/** What the command ends with; `--help` shows them. */
export const EXIT = {
  fine: 0,
  error: 1,
  /** `plan --exit-code` with changes, `import --strict` with losses. */
  differs: 2,
  /** `check` of what is not up, `status --exit-code` with something down. */
  down: 3,
  interrupted: 130,
} as const;

/** Ends the command with a code and one line. */
export class CommandError extends Error {
  override readonly name = "CommandError";
  readonly exitCode: number;
  constructor(message: string, exitCode: number = EXIT.error) {
    super(message);
    this.exitCode = exitCode;
  }
}
