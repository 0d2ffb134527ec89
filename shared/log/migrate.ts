import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { SettingError } from "../errors.ts";
import type { TransactionalSql } from "./data-api.ts";

/** A forward-only step of the schema: `0001_log.sql` has version 1 and name `log`. */
export interface Migration {
  readonly version: number;
  readonly name: string;
  readonly sql: string;
}

/** Reads the migrations of a folder, in order. @throws {SettingError} when a file's name does not fit or a version is there twice */
export async function readMigrations(folder: string): Promise<Migration[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith(".sql")).sort();
  const migrations = await Promise.all(
    files.map(async (file) => {
      const [, version, name] = /^(\d{4})_([a-z0-9_]+)\.sql$/.exec(file) ?? [];
      if (version === undefined || name === undefined) throw new SettingError(`${file}: a migration is named like 0002_what_it_does.sql`);
      return { version: Number(version), name, sql: await readFile(join(folder, file), "utf8") };
    }),
  );
  const twice = migrations.find(({ version }, index) => migrations[index - 1]?.version === version);
  if (twice !== undefined) throw new SettingError(`two migrations have version ${twice.version}`);
  return migrations;
}

/** A line of its own between two statements, since the Data API takes one a call. */
const NEXT_STATEMENT = /^-- next\n/gm;

function statementsOf(sql: string): string[] {
  return sql.split(NEXT_STATEMENT).map((statement) => statement.trim().replace(/;$/, ""));
}

const appliedSchema = z.array(z.object({ version: z.number(), checksum: z.string() }));

/**
 * Applies what has not been applied, each migration in a transaction of its own, one runner at a time.
 * Safe to run again. The same runner serves deploys and laptops.
 * @returns the versions applied now
 * @throws {StatementError} with the failed statement's SQL error; {SettingError} when an applied file was changed
 */
export async function migrate(sql: TransactionalSql, migrations: readonly Migration[]): Promise<number[]> {
  await sql.execute(
    `create table if not exists schema_migration (
       version integer primary key, name text not null, checksum text not null, applied_at timestamptz not null default now())`,
  );
  const applied = new Map(
    appliedSchema
      .parse(await sql.execute("select version, checksum from schema_migration"))
      .map(({ version, checksum }) => [version, checksum]),
  );
  const done: number[] = [];
  for (const migration of migrations) {
    const checksum = checksumOf(migration);
    const known = applied.get(migration.version);
    if (known !== undefined && known !== checksum) {
      throw new SettingError(
        `migration ${migration.version}_${migration.name} was applied and then changed: put it back, and write a new one`,
      );
    }
    if (known === undefined && (await apply(sql, migration, checksum))) done.push(migration.version);
  }
  return done;
}

/** By what a log knows a migration that it has had. Marks do not count: they came into files that had been applied. */
export function checksumOf({ sql }: Pick<Migration, "sql">): string {
  return createHash("sha256").update(sql.replaceAll(NEXT_STATEMENT, "")).digest("hex");
}

/** Any constant: who holds this lock is migrating. */
const MIGRATION_LOCK = 727_464;

/** @returns false when another runner applied it meanwhile */
async function apply(sql: TransactionalSql, { version, name, sql: text }: Migration, checksum: string): Promise<boolean> {
  return sql.transaction(async (transactionId) => {
    await sql.execute(`select 1 as locked from pg_advisory_xact_lock(${MIGRATION_LOCK})`, {}, { transactionId });
    const already = await sql.execute("select version from schema_migration where version = :version", { version }, { transactionId });
    if (already.length > 0) return false;
    for (const statement of statementsOf(text)) {
      await sql.execute(statement, {}, { transactionId, timeoutMs: 45_000 });
    }
    await sql.execute(
      "insert into schema_migration (version, name, checksum) values (:version, :name, :checksum)",
      { version, name, checksum },
      { transactionId },
    );
    return true;
  });
}
