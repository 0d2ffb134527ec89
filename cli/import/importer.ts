import type { Warnings } from "./warnings.ts";

/** One file of what is imported. */
export interface SourceFile {
  /** As warnings name it: empty for a single file, `folder/file` of a folder. */
  readonly label: string;
  /** Where it is, for files that stand beside it. */
  readonly path: string;
  readonly bytes: Buffer;
}

/** What an importer works with. */
export interface ImportContext {
  /** Of the deployment: intervals are multiples of it. */
  readonly roundSeconds: number;
  /** Variables that the source may name. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly warnings: Warnings;
}

/** A target as the source has it, before names, intervals and timeouts are made to fit. */
export interface Draft {
  /** Where it stands in the source, such as `endpoints[3]` or `monitor 12`. */
  readonly place: string;
  /** Where its name stands, when that is another place. */
  readonly namePlace?: string;
  /** Fields of `POST /targets`, without `intervalSeconds` and `timeoutMs`. */
  readonly config: Readonly<Record<string, unknown>> & { readonly type: string; readonly name: string };
  /** Seconds; the deployment's round when the source has none. */
  readonly intervalSeconds?: number;
  readonly intervalPlace?: string;
  /** Milliseconds that the source names; its own default is left out. */
  readonly timeoutMs?: number;
  readonly timeoutPlace?: string;
}

/** Reads the configuration of another monitor. A new one is a file beside this, and a line in `index.ts`. */
export interface Importer {
  /** As it is named on the command line. */
  readonly id: string;
  /** What it reads, for people. */
  readonly reads: string;
  /** Texts of drafts may hold `${NAME}`, which stands for a variable. */
  readonly hasVariables?: true;
  /**
   * What can be read becomes a draft; everything else a warning. Nothing is dropped silently.
   * @throws {Error} naming the file that cannot be read at all
   */
  readonly read: (files: readonly SourceFile[], context: ImportContext) => Promise<Draft[]>;
}
