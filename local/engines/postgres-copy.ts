// Copies of a cluster's files, of a live one too. The npm binaries have no pg_basebackup: this is the low-level backup of
// the PostgreSQL manual ("Making a Base Backup Using the Low Level API").

import { constants } from 'node:fs';
import { chown, copyFile, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Client } from 'pg';

export type Owner = { readonly uid?: number | undefined; readonly gid?: number | undefined };

// The manual's list of what a backup leaves out: it is made anew at start, or belongs to the running server alone.
const emptied = new Set([
  'pg_dynshmem',
  'pg_notify',
  'pg_replslot',
  'pg_serial',
  'pg_snapshots',
  'pg_stat_tmp',
  'pg_subtrans',
  'pg_wal',
]);
const leftOut =
  /^(postmaster\.(pid|opts)|backup_label(\.old)?|tablespace_map(\.old)?|standby\.signal|recovery\.signal|pg_internal\.init|pgsql_tmp.*|t\d+_.*)$/;
const controlFile = 'global/pg_control';
const walSegmentBytes = 16n * 1024n * 1024n;

/** Makes `path` the engine user's, when it isn't ours to run as. */
export const giveTo = async (path: string, owner: Owner): Promise<void> => {
  if (owner.uid !== undefined) await chown(path, owner.uid, owner.gid ?? owner.uid);
};

/** Copies a tree of files that nobody writes to (a snapshot's). */
export const copyTree = (from: string, to: string, owner: Owner): Promise<void> =>
  copyDirectory(from, to, '', owner, false);

/**
 * A consistent copy of a running cluster's data directory, primary or standby; a server started on it recovers to the
 * moment at which the copy ended. `client` is a superuser's connection, kept for the whole of it.
 */
export const copyLive = async (client: Client, from: string, to: string, owner: Owner): Promise<void> => {
  // A temporary slot keeps the WAL of the copy's time from being recycled under us; it ends with the connection.
  const slot = `copy_${process.pid}_${Math.random().toString(36).slice(2, 10)}`;
  await client.query('SELECT pg_create_physical_replication_slot($1, true, true)', [slot]);
  await client.query("SELECT pg_backup_start('copy', fast => true)");
  await copyDirectory(from, to, '', owner, true);
  // Last, because on a standby it says how far recovery must get before the copy is consistent.
  await copyOne(join(from, controlFile), join(to, controlFile), owner);
  const { rows } = await client.query<{ lsn: string; labelfile: string }>(
    'SELECT lsn::text, labelfile FROM pg_backup_stop(wait_for_archive => false)',
  );
  const { lsn, labelfile } = rows[0]!;
  await writeFile(join(to, 'backup_label'), labelfile);
  await giveTo(join(to, 'backup_label'), owner);
  await copyWal(join(from, 'pg_wal'), join(to, 'pg_wal'), walRange(labelfile, lsn), owner);
  await client.query('SELECT pg_drop_replication_slot($1)', [slot]);
};

/** Names of the first and the last WAL file that the copy needs. */
const walRange = (labelfile: string, stopLsn: string): { first: string; last: string } => {
  const first = /\(file ([0-9A-F]{24})\)/.exec(labelfile)?.[1];
  if (first === undefined) throw new Error(`the backup label names no WAL file: ${labelfile}`);
  const [high = '0', low = '0'] = stopLsn.split('/');
  const segment = ((BigInt(`0x${high}`) << 32n) + BigInt(`0x${low}`)) / walSegmentBytes;
  const hex = (value: bigint) => value.toString(16).toUpperCase().padStart(8, '0');
  return { first, last: `${first.slice(0, 8)}${hex(segment >> 8n)}${hex(segment & 0xffn)}` };
};

const copyWal = async (
  from: string,
  to: string,
  range: { first: string; last: string },
  owner: Owner,
): Promise<void> => {
  await makeDirectory(join(to, 'archive_status'), owner);
  for (const name of await readdir(from)) {
    const isNeeded = /^[0-9A-F]{24}$/.test(name)
      ? name >= range.first && name <= range.last
      : name.endsWith('.history');
    if (isNeeded) await copyOne(join(from, name), join(to, name), owner);
  }
};

const copyDirectory = async (from: string, to: string, path: string, owner: Owner, live: boolean): Promise<void> => {
  await makeDirectory(join(to, path), owner);
  for (const entry of await readdir(join(from, path), { withFileTypes: true })) {
    const name = join(path, entry.name);
    if (live && (leftOut.test(entry.name) || name === controlFile)) continue;
    if (entry.isDirectory()) {
      if (live && emptied.has(name)) await makeDirectory(join(to, name), owner);
      else await copyDirectory(from, to, name, owner, live);
    } else if (entry.isFile()) {
      await copyOne(join(from, name), join(to, name), owner);
    }
  }
};

const makeDirectory = async (path: string, owner: Owner): Promise<void> => {
  await mkdir(path, { recursive: true, mode: 0o700 });
  await giveTo(path, owner);
};

/** A file that a live server dropped between listing and copying is no part of the copy: recovery replays its end. */
const copyOne = async (from: string, to: string, owner: Owner): Promise<void> => {
  try {
    await copyFile(from, to, constants.COPYFILE_FICLONE);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    await rm(to, { force: true });
    return;
  }
  await giveTo(to, owner);
};
