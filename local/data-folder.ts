import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ClassicLevel } from "classic-level";
import { messageOf, SettingError } from "../shared/errors.ts";

/** Where everything of one installation lies, held by this process alone. */
export interface DataFolder {
  /** Folder of the state engine. */
  readonly state: string;
  /** Folder of PGlite. */
  readonly log: string;
  /** True when the folder held nothing before. */
  readonly isNew: boolean;
  /** The key in the folder, made at first use. */
  apiKey(): Promise<string>;
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
  const state = join(folder, "state");
  const isNew = !existsSync(state);
  return {
    state,
    log: join(folder, "log"),
    isNew,
    async apiKey() {
      const file = join(folder, "api-key");
      if (!existsSync(file)) await writeFile(file, `${randomBytes(24).toString("base64url")}\n`, { mode: 0o600 });
      return (await readFile(file, "utf8")).trim();
    },
    close: () => lock.close(),
  };
}
