import { Directory } from './directory.ts';
import type { Snapshot } from './types.ts';

/** What counts against the quota: manual ones, also while they are created, but not what AWS Backup manages (CHAP_Limits). */
const isCounted = ({ type, id }: Snapshot): boolean => type === 'manual' && !id.startsWith('awsbackup:');

/** One region's snapshots of one kind; how many count is kept, since it is asked at every creation. */
export class SnapshotShelf extends Directory<Snapshot> {
  #counted = 0;

  get counted(): number {
    return this.#counted;
  }

  override set(id: string, snapshot: Snapshot): void {
    this.delete(id);
    super.set(id, snapshot);
    if (isCounted(snapshot)) this.#counted += 1;
  }

  override delete(id: string): boolean {
    const snapshot = this.get(id);
    if (snapshot !== undefined && isCounted(snapshot)) this.#counted -= 1;
    return super.delete(id);
  }
}
