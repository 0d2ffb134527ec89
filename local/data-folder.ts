import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ClassicLevel } from "classic-level";
import * as z from "zod";
import { messageOf, SettingError } from "../shared/errors.ts";

/** Where everything of one installation lies, held by this process alone. */
export interface DataFolder {
  /** The folder itself. */
  readonly path: string;
  /** Folder of the state engine. */
  readonly state: string;
  /** Folder of PGlite. */
  readonly log: string;
  /** Folder of the files of status pages. */
  readonly pages: string;
  /** True until a start on this folder has come through; tokens may have been made in it before. */
  readonly isNew: boolean;
  /** From now on the folder is not new. */
  markStarted(): Promise<void>;
  /** The API key in the folder, made at first use. */
  apiKey(): Promise<string>;
  /** The key of encrypted fields, made at first use. */
  fieldKey(): Promise<string>;
  /** Tells `npm run token` of the same user where the state engine answers while this process runs, and its key. */
  announceState(engine: AnnouncedEngine): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens a data folder and locks it. Neither engine does: two processes on one folder would corrupt
 * PGlite's files silently. LevelDB's lock is the operating system's, so it ends with the process,
 * however that ends.
 * @throws {SettingError} when another process has it, or it cannot be written
 */
export async function openDataFolder(folder: string): Promise<DataFolder> {
  const owner = join(folder, "owner");
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    // Engines make their files readable for all; this keeps others out.
    await chmod(folder, 0o700);
  } catch (error) {
    throw new SettingError(`the data folder ${folder} cannot be used: ${messageOf(error)}`);
  }
  const lock = new ClassicLevel(join(folder, "lock"));
  try {
    await lock.open();
  } catch (error) {
    const pid = await readFile(owner, "utf8").catch(() => "unknown");
    const locked = error instanceof Error && error.cause instanceof Error && "code" in error.cause && error.cause.code === "LEVEL_LOCKED";
    throw new SettingError(
      locked
        ? `the data folder ${folder} is in use by another Server Tracker (process ${pid.trim()}): stop it, or set DATA_DIR to another folder`
        : `the data folder ${folder} cannot be locked: ${messageOf(error)}`,
    );
  }
  await writeFile(owner, `${process.pid}\n`);
  const started = join(folder, "started");
  return {
    path: folder,
    state: join(folder, "state"),
    log: join(folder, "log"),
    pages: join(folder, "pages"),
    isNew: !existsSync(started),
    markStarted: () => writeFile(started, ""),
    apiKey: () => keptSecret(join(folder, "api-key")),
    fieldKey: () => keptSecret(join(folder, "field-key")),
    announceState: (engine) => writeFile(join(folder, STATE_ENGINE), JSON.stringify(engine), { mode: 0o600 }),
    async close() {
      await rm(join(folder, STATE_ENGINE), { force: true });
      await lock.close();
    },
  };
}

const STATE_ENGINE = "state-engine";
const engineSchema = z.object({ url: z.string(), accessKeyId: z.string() });
/** An engine of a running process, and the key that it asks for. */
export type AnnouncedEngine = z.output<typeof engineSchema>;

/** The state engine of the process that has this folder; `undefined` when there is none. */
export async function runningStateEngine(folder: string): Promise<AnnouncedEngine | undefined> {
  const text = await readFile(join(folder, STATE_ENGINE), "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  const engine = engineSchema.parse(JSON.parse(text));
  // A process that was killed leaves its address behind.
  const answers = await fetch(engine.url, { signal: AbortSignal.timeout(2_000) }).then(
    () => true,
    () => false,
  );
  return answers ? engine : undefined;
}

async function keptSecret(file: string): Promise<string> {
  if (!existsSync(file)) await writeFile(file, `${randomBytes(24).toString("base64url")}\n`, { mode: 0o600 });
  return (await readFile(file, "utf8")).trim();
}
