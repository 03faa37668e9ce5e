import type { Heard, ReplicaReport } from '../../../functions/failover/core/evidence.ts';
import {
  heardAfter,
  marksOf,
  replicaView,
  type Standing,
  type StatusRow,
} from '../../../functions/failover/core/replica-status.ts';
import type { Database } from './database.ts';

/** A pair of MySQL or MariaDB, as far as it is not like PostgreSQL's: `lagMs` of its scenario is the applier's. */
export interface Replication {
  engine: 'mysql' | 'mariadb';
  /** From a commit to the replica's relay log. */
  wireMs: number;
  /** How long a receiver that cannot connect waits before it tries again (Connect_Retry). */
  reconnectMs: number;
  /** Threads that apply side by side, and whether they keep the order of their source. */
  appliers: number;
  outOfOrder: boolean;
  /** MySQL's performance schema is on: the server knows when it last heard. */
  hasClock: boolean;
  /** Without them (MySQL alone) there is no position, and bytes say what is applied. */
  hasGtids: boolean;
  /** How long a process of the observer lives, with what it remembers. */
  observerLivesMs: number;
}

/** docs (MariaDB): slave_net_timeout, and half of it between two heartbeats of a source with nothing to say. */
const NET_TIMEOUT_MS = 60_000;
const HEARTBEAT_MS = 30_000;

/** The log of one server of MySQL or MariaDB, and how it receives and applies another's: only facts, and what the server says of them. */
export class Binlog {
  /** Guards' heartbeats in it, by when they were committed. */
  readonly beats: { atMs: number; epoch: number; committedMs: number }[] = [];
  /** The GTIDs of those whom it followed, as its own log has them since it leads. */
  inherited: readonly string[] = [];
  isReceiverStopped = false;
  isApplierStopped = false;
  /** Its source's commits up to here are in the relay log. */
  receivedMs: number;
  private source: Binlog | undefined;
  private readonly firstMs: number;
  private connectedMs: number | undefined;
  private tryAtMs = 0;
  /** When the last message of its source came: one that writes nothing is silent between two heartbeats. */
  messageMs: number;
  private heartbeats = 0;
  private readonly id: number;
  private readonly kind: Replication;

  constructor(kind: Replication, id: number, nowMs: number) {
    this.kind = kind;
    this.id = id;
    this.receivedMs = this.firstMs = this.messageMs = nowMs;
  }

  /** Time has moved for its server, a replica. */
  follow(one: Database, source: Database | undefined, isLinked: boolean, nowMs: number, lagMs: number): void {
    this.source = source?.binlog ?? this.source;
    const isPromoted = one.promotedAtMs !== undefined;
    if (one.engine !== 'up' || isPromoted || this.isReceiverStopped) this.hangUp(nowMs);
    else this.connect(one, source, isLinked, nowMs);
    const hears = this.connectedMs !== undefined && isLinked && source?.engine === 'up';
    if (hears) this.receive(source, nowMs);
    if (hears) one.heardMs = nowMs;
    one.hearsSinceMs = hears ? (one.hearsSinceMs ?? nowMs) : undefined;
    // What is not applied when a promotion begins is thrown away: the worst that AWS's pages leave open.
    if (one.engine === 'up' && !isPromoted && !this.isApplierStopped) this.apply(one, source?.lastRowMs, nowMs, lagMs);
  }

  /** What the observer makes of its words. `before`: what the reconciler remembers. */
  view(one: Database, memory: Map<string, Heard>, before: Heard | undefined, nowMs: number): ReplicaReport {
    const [rows, standing] = [this.status(one), this.standing(one, nowMs)];
    const process = `${one.host} ${Math.floor(nowMs / this.kind.observerLivesMs)}`;
    const heard = heardAfter([memory.get(process), before], marksOf(rows, standing), nowMs);
    memory.set(process, heard);
    return {
      atMs: nowMs,
      ...replicaView(rows, standing, heard, nowMs),
      heartbeat: { atMs: one.heartbeat.atMs, epoch: Math.max(one.opened ?? 0, one.heartbeat.epoch) },
    };
  }

  /** How far its own log has come, of one that leads. */
  position(upToMs: number): string {
    if (!this.kind.hasGtids) return '';
    const domain = this.kind.outOfOrder && this.kind.engine === 'mariadb' ? [SECOND_DOMAIN] : [];
    return [...this.inherited, gtids(this.kind, this.id, 1, upToMs), ...domain].join(',');
  }

  /** It leads from now on: what it has of its source is its own past. */
  lead(appliedMs: number): void {
    if (this.source === undefined || this.kind.engine !== 'mysql') return;
    this.inherited = [...this.source.inherited, gtids(this.kind, this.source.id, 1, appliedMs)];
  }

  private hangUp(nowMs: number): void {
    this.connectedMs = undefined;
    this.tryAtMs = nowMs;
  }

  private connect(one: Database, source: Database | undefined, isLinked: boolean, nowMs: number): void {
    const isThere = isLinked && source?.engine === 'up';
    // A host whose engine alone died says so at once; a lost host or a cut link says nothing.
    const isRefused = isLinked && source?.engine === 'dead' && source.status === 'available';
    const isRestarted = isThere && (source.upSinceMs ?? 0) > (this.connectedMs ?? nowMs);
    if (isRefused || isRestarted || nowMs - one.heardMs > NET_TIMEOUT_MS) {
      if (this.connectedMs !== undefined) this.hangUp(nowMs);
    }
    if (this.connectedMs !== undefined || nowMs < this.tryAtMs) return;
    if (isThere) this.connectedMs = this.messageMs = nowMs;
    else this.tryAtMs = nowMs + this.kind.reconnectMs;
  }

  private receive(source: Database, nowMs: number): void {
    const sentMs = Math.min(source.lastCommitMs, nowMs - this.kind.wireMs);
    const isIdle = sentMs <= this.receivedMs;
    if (isIdle && nowMs - this.messageMs < HEARTBEAT_MS) return;
    if (isIdle) this.heartbeats += 1;
    this.receivedMs = Math.max(this.receivedMs, sentMs);
    this.messageMs = nowMs;
  }

  private apply(one: Database, sourceRowMs: number | undefined, nowMs: number, lagMs: number): void {
    // Once its source's clients have been silent for so long it has caught up, and keeps up with heartbeats.
    const hasCaughtUp = sourceRowMs !== undefined && sourceRowMs <= nowMs - lagMs;
    const doneMs = hasCaughtUp ? this.receivedMs : Math.min(this.receivedMs, nowMs - lagMs);
    one.replayedCommitMs = Math.max(one.replayedCommitMs, doneMs);
    const upToMs = this.kind.outOfOrder ? this.receivedMs : one.replayedCommitMs;
    const beat = this.source?.beats.findLast(({ committedMs }) => committedMs <= upToMs);
    if (beat !== undefined && beat.atMs >= one.heartbeat.atMs) one.heartbeat = beat;
  }

  private status(one: Database): StatusRow[] {
    if (one.source === undefined) return [];
    const runs = one.promotedAtMs === undefined;
    const receiver = !runs || this.isReceiverStopped ? 'No' : this.connectedMs === undefined ? 'Connecting' : 'Yes';
    const applier = runs && !this.isApplierStopped ? 'Yes' : 'No';
    const [read, done] = [String(this.receivedMs), String(one.replayedCommitMs)];
    if (this.kind.engine === 'mariadb')
      return [
        {
          ...{ Slave_IO_Running: receiver, Slave_SQL_Running: applier, Gtid_IO_Pos: this.replicated(this.receivedMs) },
          ...{ Master_Log_File: 'bin.000002', Read_Master_Log_Pos: read },
          ...{ Relay_Master_Log_File: 'bin.000002', Exec_Master_Log_Pos: done },
        },
      ];
    const retrieved =
      this.source && this.kind.hasGtids && gtids(this.kind, this.source.id, this.firstMs, this.receivedMs);
    return [
      {
        ...{ Replica_IO_Running: receiver, Replica_SQL_Running: applier, Retrieved_Gtid_Set: retrieved || '' },
        ...{ Source_Log_File: 'bin.000002', Read_Source_Log_Pos: read },
        ...{ Relay_Source_Log_File: 'bin.000002', Exec_Source_Log_Pos: done },
      },
    ];
  }

  private standing(one: Database, nowMs: number): Standing {
    const { engine, appliers, outOfOrder, hasClock, hasGtids } = this.kind;
    const own = one.errantSinceMs === undefined ? [] : [gtids(this.kind, this.id, 1, 3)];
    // gtid_slave_pos stays where replication ended; gtid_executed has what its server commits, too.
    const leads = one.source === undefined && engine === 'mysql';
    const applied = leads ? this.position(one.lastCommitMs) : this.replicated(one.replayedCommitMs);
    const common = { isReadOnly: one.standby, appliers: outOfOrder ? Math.max(2, appliers) : appliers };
    if (engine === 'mariadb') {
      const logged = [applied, ...own].join(',');
      const said = { ownId: String(this.id), logged, heartbeats: String(this.heartbeats) };
      return { ...common, ...said, engine, applied, keepsOrder: true };
    }
    const executed = hasGtids ? [applied, ...own].filter(Boolean).join(',\n') : '';
    const ageMs = hasClock && this.connectedMs !== undefined ? nowMs - this.messageMs : undefined;
    return { ...common, engine, applied: executed, ageMs, keepsOrder: !outOfOrder, ownId: uuid(this.id) };
  }

  /** The source's log up to a commit, as this replica has it. */
  private replicated(upToMs: number): string {
    return this.source?.position(upToMs) ?? '';
  }
}

/** What makes appliers side by side lose the order: each domain is applied by itself. */
const SECOND_DOMAIN = '1-1-7';

const uuid = (id: number): string => `3e11fa47-71ca-11e1-9e33-${String(id).padStart(12, '0')}`;

/** Transactions are numbered by the millisecond of their commit. */
const gtids = ({ engine }: Replication, id: number, firstMs: number, lastMs: number): string =>
  engine === 'mariadb' ? `0-${id}-${Math.floor(lastMs)}` : `${uuid(id)}:${firstMs}-${Math.floor(lastMs)}`;
