import type { Mutant } from './mutant.ts';

// Failover, what MySQL and MariaDB added: how a replica hears, receives and applies, its GTIDs, and the fence by SQL. What decides
// on them for every engine is in failover-decision.ts.

const core = 'functions/failover/core';

const of =
  (file: string, tests: readonly string[]) =>
  (id: string, removes: string, find: string, replace: string): Mutant => ({ id, removes, file, find, replace, tests });

const status = of(`${core}/replica-status.ts`, [`${core}/replica-status.test.ts`]);
const position = of(`${core}/position.ts`, [`${core}/position.test.ts`]);
const gate = of(`${core}/gates.ts`, [`${core}/decide.test.ts`]);
const ready = of(`${core}/readiness-replication.ts`, [`${core}/readiness.test.ts`]);
const wire = of('functions/failover/aws/mysql.ts', ['tests/failover/mysql-wire.test.ts']);
const login = of('shared/database/mysql.ts', ['tests/failover/mysql-wire.test.ts']);
/** On a real MariaDB: half a minute each. */
const script = of('functions/failover/setup.mysql.sql', ['tests/failover/real-mysql-sql.test.ts']);

/** What MySQL and MariaDB added. */
export const replicated: readonly Mutant[] = [
  status(
    'status-drained-by-gtids',
    'that GTIDs say what is applied, where there are any',
    'byGtid ?? byBytes',
    'byBytes',
  ),
  status(
    'status-drained-file',
    'the file of the log, where bytes say what is applied',
    'read.file === done.file && read.offset',
    'read.offset',
  ),
  status('status-drained-unknown', 'that nothing said is not all applied', "read.file !== '' && ", ''),
  status('status-age-by-marks', 'the age where a server has no clock of it', ': nowMs - heard.afterMs', ': undefined'),
  status('status-age-told', "the server's own clock", 'if (ageMs !== undefined) return', 'if (ageMs === 0) return'),
  status(
    'status-news-is-no-proof',
    'that what came since a look may have come long ago',
    ': one.lookedMs) ?? -Infinity',
    ': nowMs) ?? -Infinity',
  ),
  status(
    'status-first-look',
    'that a first look proves nothing',
    'heard.afterMs === undefined ? undefined : nowMs - heard.afterMs',
    'nowMs - (heard.afterMs ?? nowMs)',
  ),
  status(
    'status-after-kept',
    'that a second look at the same marks proves no more',
    'one.marks === marks ? one.afterMs : one.lookedMs',
    'one.lookedMs',
  ),
  status(
    'status-idle-source',
    'that an idle source is not taken for a silent one where nothing tells them apart',
    'heartbeats === undefined ? 0 : nowMs - heard.sinceMs',
    'nowMs - heard.sinceMs',
  ),
  status(
    'status-connecting',
    'that a receiver which connects hears nothing',
    "    case 'Connecting':\n    case 'No':",
    "    case 'No':",
  ),
  status('status-preparing', 'that who has just connected hears', 'return { lastMessageAgeMs: 0 };', 'return {};'),
  status(
    'status-heard-same',
    'that other marks are a message',
    '(one.marks === marks ? one.sinceMs',
    '(one ? one.sinceMs',
  ),
  status('status-marks-gtids', 'that a transaction received is a message', 'heartbeats, received(row)', 'heartbeats'),
  status('status-marks-bytes', 'that a part of a large transaction is a message', 'file, offset].join', 'file].join'),
  status('status-received-union', "that MySQL's applied was received", 'unionOf(gtids, applied)', 'gtids'),
  status('status-mysql-words', "MySQL's words since 8.4", "['Master_', 'Source_'],", ''),
  status('status-errant', 'what only the replica has', 'errant: row && errant(standing),', ''),
  status(
    'status-errant-leads',
    'that who leads numbers everything itself',
    'row && errant(standing)',
    'errant(standing)',
  ),
  status(
    'status-errant-log',
    "that MariaDB's own writes are in its log alone",
    'ownIn(logged ?? applied,',
    'ownIn(applied,',
  ),

  position(
    'position-domain-missing',
    'that a domain which is not there is missing',
    'last !== undefined && (last.sequence >',
    'last === undefined || (last.sequence >',
  ),
  position(
    'position-source-missing',
    'that a source which is not there is missing',
    'mine.of.get(source)?.some(',
    '(mine.of.get(source) ?? wanted).some(',
  ),
  position(
    'position-own-number',
    'that a server is its whole number',
    '.exec(gtid)?.[1] === server',
    '.exec(gtid)?.[1]?.startsWith(server)',
  ),
  position('position-twice', 'that a domain is said once', ' || found.has(domain)', ''),

  gate(
    'g9-divergence',
    'G9: transactions that the leader never had',
    '.divergence ? undefined : divergence(situation);',
    '.divergence ? undefined : undefined;',
  ),
  gate(
    'g9-divergence-forced',
    'that a person can take them upon himself',
    'acceptedIn(situation.record).divergence ? undefined : divergence(situation)',
    'divergence(situation)',
  ),
  gate(
    'g9-divergence-alone',
    'that a force opens nothing else of G9',
    'standbyDoubt(situation) === undefined ? reportOf',
    'true ? reportOf',
  ),
  of(`${core}/rebuild.ts`, [`${core}/rebuild.test.ts`])(
    'rearm-divergence',
    'that no replica with transactions of its own is armed',
    'if (errant !== undefined)',
    'if (false)',
  ),

  ready('readiness-order', 'readiness: the order of appliers', "one?.unsettled === 'out-of-order'", 'false'),
  ready('readiness-writable', 'readiness: a replica that takes writes', 'one?.inRecovery === false) {', 'false) {'),
  ready(
    'readiness-divergence',
    'readiness: transactions that only the replica has',
    'one?.errant !== undefined',
    'false',
  ),
  ready(
    'readiness-times',
    'readiness: a replica that tells no times',
    '&& one?.mayHearAgeMs !== undefined',
    '&& false',
  ),
  ready('readiness-gtids', 'readiness: a leader without GTIDs', 'if (!isPosition) {', 'if (false) {'),

  wire(
    'mysql-refusal',
    'that a server which refuses the probe is alive',
    "UNREACHABLE.has(code ?? '') ? 'unreachable' : 'answered'",
    "'unreachable'",
  ),
  wire('mysql-going', 'that a server which goes is none', "  ...['ER_SERVER_SHUTDOWN',", "  ...['ER_NONE',"),
  wire('mysql-given-up', 'that an answer which did not come is none', ", 'PROTOCOL_SEQUENCE_TIMEOUT'", ''),
  wire('mysql-remembered', 'what who asks remembers', '[heard.get(key), before]', '[heard.get(key)]'),
  wire(
    'mysql-applied-first',
    'that what was applied is asked first',
    `      const standing = standingOf(await db.query('call mainstay.standing()'));
      const rows = await db.query<StatusRow>('call mainstay.replica_status()');`,
    `      const rows = await db.query<StatusRow>('call mainstay.replica_status()');
      const standing = standingOf(await db.query('call mainstay.standing()'));`,
  ),
  wire('mysql-read-only', 'read_only', 'isReadOnly: Number(row.is_read_only) !== 0', 'isReadOnly: true'),
  login('mysql-tls-name', "the name in the server's certificate", 'verifyIdentity: true', 'verifyIdentity: false'),
  login('mysql-tls', 'TLS', '    ssl: { ca: authorities(), rejectUnauthorized: true, verifyIdentity: true },\n', ''),

  script('sql-beat-epoch', 'that an epoch never goes down', 'greatest(epoch, beat_epoch)', 'beat_epoch'),
  script('sql-lock', 'the lock of the accounts', "  call mainstay.set_accounts(roles, 'lock');\n", ''),
  script('sql-kill', 'the end of their sessions', '    call mysql.rds_kill(session_id);\n', ''),
  script(
    'sql-sessions-left',
    'the count of the sessions that are left',
    'select count(*) as sessions_left',
    'select 0 as sessions_left',
  ),
  script('sql-unlock', 'the opening of the accounts', "set_accounts(roles, 'unlock')", "set_accounts('', 'unlock')"),
  script(
    'sql-own-account',
    'that the guard never locks itself out',
    `find_in_set(cast(User as binary), cast(roles as binary)) > 0
      and User not in ('', 'mainstay', `,
    `find_in_set(cast(User as binary), cast(roles as binary)) > 0
      and User not in ('', `,
  ),
  script(
    'sql-read-only',
    'read_only, as MariaDB says it',
    "''mariadb'' as engine, @@global.read_only",
    "''mariadb'' as engine, 0",
  ),
  script('sql-own-log', "the replica's own log", '@@global.gtid_binlog_state as logged', 'null as logged'),
];
