import type { Catalogue, Mutant } from './mutant.ts';

// The object index: each condition that exactness and convergence rest on, taken out in turn.

const wing = 'functions/object-index';
const decide = [`${wing}/core/decide.test.ts`, 'tests/object-index/histories.test.ts'];
const histories = ['tests/object-index/histories.test.ts', 'tests/object-index/ingest.test.ts'];
const engines = ['tests/object-index/engines.test.ts'];
const ingest = ['tests/object-index/ingest.test.ts'];
const maintain = ['tests/object-index/maintain.test.ts'];
const wire = ['tests/object-index/s3-wire.test.ts'];

const of = (file: string, tests: readonly string[], list: readonly Omit<Mutant, 'file' | 'tests'>[]): Mutant[] =>
  list.map((mutant) => ({ ...mutant, file: `${wing}/${file}`, tests }));

const mutants: Mutant[] = [
  ...of('aws/transaction.ts', engines, [
    {
      id: 'revision',
      removes: 'the condition that a row is still the image that was read',
      find: "{ ConditionExpression: 'r = :r', ExpressionAttributeValues: toItem({ ':r': revision }) }",
      replace: '{}',
    },
    {
      id: 'absence',
      removes: 'the condition that a row which was not there still is not',
      find: "{ ConditionExpression: 'attribute_not_exists(pk)' }",
      replace: '{}',
    },
    {
      id: 'winner',
      removes: "the winner's row in the loser's refusal",
      find: "ReturnValuesOnConditionCheckFailure: 'ALL_OLD',",
      replace: '',
    },
  ]),
  ...of('aws/dynamo-table.ts', engines, [
    {
      id: 'token',
      removes: 'the token by which a repeated transaction is applied once',
      find: 'ClientRequestToken: sha256(`${tableName} ${transaction.token}`).slice(0, 36),',
      replace: '',
    },
    {
      id: 'unread-keys',
      removes: 'the second look at keys that a read left out',
      find: 'asked = UnprocessedKeys ?? {};',
      replace: 'asked = UnprocessedKeys === undefined ? {} : {};',
    },
  ]),
  ...of('aws/dynamo-closing-book.ts', engines, [
    {
      id: 'closing-once',
      removes: 'the condition that a closed day is never written again',
      find: "ConditionExpression: 'attribute_not_exists(pk)',",
      replace: '',
    },
  ]),
  ...of('aws/dynamo-jobs.ts', engines, [
    {
      id: 'job-step-condition',
      removes: "the condition that a job's place is still the one that was read",
      find: "{ ConditionExpression: 'step = :step', ExpressionAttributeValues: toItem({ ':step': step }) }",
      replace: '{}',
    },
  ]),
  ...of('aws/dynamo-jobs.ts', engines, [
    {
      id: 'part-kept-once',
      removes: 'the condition that of two attempts at one part the first is kept',
      find: "slice }),\n              ConditionExpression: 'attribute_not_exists(pk)',",
      replace: 'slice }),',
    },
  ]),
  ...of('aws/dynamo-closings.ts', engines, [
    {
      id: 'closings-whole',
      removes: 'the pages behind the first of a customer with many closings',
      find: 'start = page.LastEvaluatedKey;',
      replace: 'start = undefined;',
    },
  ]),
  ...of(
    'aws/outcome.ts',
    ['tests/object-index/outcome.test.ts'],
    [
      {
        id: 'no-answer',
        removes: 'the doubt after a transaction that nobody answered',
        find: 'status === undefined || status >= 500',
        replace: 'status !== undefined && status >= 500',
      },
      {
        id: 'busy-reason',
        removes: 'throttling among the reasons of a cancelled transaction',
        find: "if (BUSY.has(code)) return { kind: 'throttled' };",
        replace: '',
      },
    ],
  ),
  ...of('aws/s3-objects.ts', wire, [
    {
      id: 'absence-is-404',
      removes: 'the difference between "gone" and "no answer"',
      find: 'if (status !== 404) throw error;',
      replace: '',
    },
    {
      id: 'marker-is-405',
      removes: 'the answer for a delete marker',
      find: 'if (slot !== undefined && status === 405) return marker(slot, headers());',
      replace: '',
    },
  ]),
  ...of(
    'aws/item.ts',
    ['tests/object-index/table.test.ts'],
    [
      {
        id: 'tombstone-stays',
        removes: 'what keeps a re-created object from expiring with its tombstone',
        find: "...(row.state === 'live' ? liveItem(row.object) : { x: row.expiresAtSeconds }),",
        replace: "...(row.state === 'live' ? { ...liveItem(row.object), st: 0, x: 1 } : { x: row.expiresAtSeconds }),",
      },
    ],
  ),
  ...of('core/decide.ts', decide, [
    {
      id: 'sequencer-stale',
      removes: 'the drop of an event older than what was taken in',
      find: "    case 'before':\n      return { kind: 'drop', because: 'stale' };",
      replace: "    case 'before':\n      return apply(fact, 'newer');",
    },
    {
      id: 'sequencer-ambiguous',
      removes: 'the doubt where the two readings of a sequencer disagree',
      find: "      return arbitrate('ambiguous-sequencer');",
      replace: "      return apply(fact, 'newer');",
    },
    {
      id: 'duplicate',
      removes: 'the drop of an event that was taken in before',
      find: 'if (same && !fact.expired) return',
      replace: 'if (false) return',
    },
    {
      id: 'rule-date-duplicate',
      removes: "the doubt about equal sequencers of one rule's removals",
      find: 'if (same && !fact.expired) return',
      replace: 'if (same) return',
    },
    {
      id: 'horizon',
      removes: 'the question to S3 about an event that outlived its tombstone',
      find: "if (nowMs - fact.eventTimeMs > HORIZON_MS) return arbitrate('beyond-horizon');\n  const doubt",
      replace: 'const doubt',
    },
    {
      id: 'version-horizon',
      removes: 'the same for a version',
      find: "if (nowMs - fact.eventTimeMs > HORIZON_MS) return arbitrate('beyond-horizon');\n  return asking",
      replace: 'return asking',
    },
    {
      id: 'tombstone',
      removes: 'the tombstone of a removal',
      find: "fact.kind === 'created' ? { kind: 'set', because } : { kind: 'tombstone', because };",
      replace: "fact.kind === 'created' ? { kind: 'set', because } : { kind: 'drop', because: 'stale' };",
    },
    {
      id: 'truth-time',
      removes: "the order by S3's clock after S3 was asked",
      find: 'if (row.truthAtMs !== undefined) return decideByTime(row, row.truthAtMs, fact);',
      replace: '',
    },
    {
      id: 'near-truth',
      removes: 'the second question where event and answer are about as old',
      find: "if (sinceTruthMs >= -CLOCK_TOLERANCE_MS) return arbitrate('near-truth');",
      replace: '',
    },
    {
      id: 'expiry-date',
      removes: "the doubt about a lifecycle rule's sequencer",
      find: "if (fact.expired) return 'expiry-sequencer';",
      replace: '',
    },
    {
      id: 'what-comes-back',
      removes: 'the question what is current after a version went away',
      find: "if (fact.kind === 'removed' && (fact.versionId !== undefined || row?.apart)) return 'other-version';",
      replace: '',
    },
    {
      id: 'other-version',
      removes: 'the question which of two versions is current',
      find: "if (row.versionId !== fact.versionId) return arbitrate('other-version');",
      replace: '',
    },
    {
      id: 'version-removed-once',
      removes: "the tombstone's last word about a version",
      find: "if (row?.state === 'tombstone') return { kind: 'drop', because: 'stale' };",
      replace: '',
    },
    {
      id: 'needs-head',
      removes: 'the look at S3 where the policy needs what an event does not say',
      find: "needsHead && (decision.kind === 'set' || decision.kind === 'take') && !fact.deleteMarker",
      replace: 'false && needsHead',
    },
  ]),
  ...of('core/decide.ts', maintain, [
    {
      id: 'list-agrees',
      removes: 'the drop of what a list shows and the index has',
      find: "if (row.state === 'live' && agreesWith(row, shown)) {",
      replace: 'if (false) {',
    },
    {
      id: 'config-differs',
      removes: 'the move of what the config reads from the key in another way now',
      find: "return isReadAsNow?.(row) === false ? arbitrate('config-differs') : { kind: 'drop', because: 'list-agrees' };",
      replace: "return { kind: 'drop', because: 'list-agrees' };",
    },
  ]),
  ...of('core/settle.ts', histories, [
    {
      id: 'answer-is-written',
      removes: 'the write of an answer that says nothing new: an older answer may still be on its way',
      find: "  return { kind: 'tombstone-truth', because: 'truth-absent' };",
      replace:
        "  if (row?.state === 'tombstone') return { kind: 'drop', because: 'nothing-there' };\n  return { kind: 'tombstone-truth', because: 'truth-absent' };",
    },
  ]),
  ...of('core/reduce.ts', histories, [
    {
      id: 'one-step-a-key',
      removes: 'the order of two actions on one key in one batch',
      find: "const later = order === undefined ? isWeightier(fact, seen.fact) : order === 'after';",
      replace: 'const later = true;',
    },
    {
      id: 'contradiction',
      removes: 'the question to S3 where a batch contradicts itself',
      find: 'contradicting: seen.contradicting || order === undefined };',
      replace: 'contradicting: false };',
    },
  ]),
  ...of('core/next-row.ts', histories, [
    {
      id: 'revision-begins-at-time',
      removes: 'what keeps a row that TTL deleted from repeating a revision',
      find: 'revision: row === undefined ? nowMs : row.revision + 1,',
      replace: 'revision: row === undefined ? 1 : row.revision + 1,',
    },
    {
      id: 'revision-grows',
      removes: 'the growth of the revision',
      find: 'revision: row === undefined ? nowMs : row.revision + 1,',
      replace: 'revision: row === undefined ? nowMs : row.revision,',
    },
    {
      id: 'truth-time-kept',
      removes: "S3's time on the row that its answer made",
      find: 'versionId: truth.versionId, truthAtMs: truth.atMs };',
      replace: 'versionId: truth.versionId };',
    },
  ]),
  ...of(
    'core/contribution.ts',
    [`${wing}/core/contribution.test.ts`, 'tests/object-index/histories.test.ts'],
    [
      {
        id: 'what-was',
        removes: "the row's old contribution from the difference",
        find: '  addContribution(sums, before, -1n);',
        replace: '',
      },
      {
        id: 'current-taken-off',
        removes: 'the current version from what is not current',
        find: 'if (row.apart) addVersion(sums, row.object, sign === 1n ? -1n : 1n);',
        replace: '',
      },
    ],
  ),
  ...of('core/key-step.ts', histories, [
    {
      id: 'class-of-version',
      removes: "what S3 showed as current from the row of that version: each night's audit would ask again",
      find: "const shown = judged.kind === 'set' ? asCurrent(truths, slot) : undefined;",
      replace: 'const shown = undefined;',
    },
    {
      id: 'null-version-leaves',
      removes: "the null version's row in the step in which the current row stops speaking for it",
      find: 'const left = leaving && rows.current ? asNullVersion(rows.current, context) : undefined;',
      replace: 'const left = undefined;',
    },
    {
      id: 'null-version-hidden',
      removes: 'the look for a null version under a delete marker',
      find: "const hidden = truths.get(undefined)?.kind === 'absent' &&",
      replace: 'const hidden = false &&',
    },
    {
      id: 'apart-stays',
      removes: "the tombstone's stay while versions rest on it",
      find: '{ ...after, revision, apart: true, expiresAtSeconds: undefined }',
      replace: '{ ...after, revision, apart: false }',
    },
  ]),
  ...of(
    'core/pack.ts',
    [`${wing}/core/contribution.test.ts`],
    [
      {
        id: 'hundred-items',
        removes: 'the limit of a transaction',
        find: 'rows + own > maxRows || rows + own + new Set([...counterRows, ...names]).size > MAX_ITEMS',
        replace: 'rows + own > maxRows',
      },
    ],
  ),
  ...of('run/commit.ts', histories, [
    {
      id: 'changed-is-decided-anew',
      removes: 'the new decision on a row that changed',
      find: "else if (verdicts.some(({ kind }) => kind === 'changed')) left.changed.push(asSeen(step, verdicts));",
      replace: '',
    },
    {
      id: 'no-answer-rereads',
      removes: 'the second reading after a transaction that nobody answered',
      find: 'reread: packed.steps, crowded: `the table did not answer: ${result.because}`',
      replace: 'crowded: `the table did not answer: ${result.because}`',
    },
    {
      id: 'refused-alone',
      removes: 'the search for the one object that the table refuses',
      find: 'for (const step of steps) step.maxTogether = Math.ceil(rows / 2);\n  return { ...nothing(), again: steps };',
      replace: 'for (const step of steps) failWork(tally, step.work, because);\n  return nothing();',
    },
  ]),
  ...of('run/ingest.ts', ingest, [
    {
      id: 'unfinished-comes-back',
      removes: 'the return of what there was no time for',
      find: 'for (const { work } of [...seen, ...pending]) failWork(tally, work, because);',
      replace: '',
    },
  ]),
  ...of('run/ingest.ts', ingest, [
    {
      id: 'poison-kept',
      removes: 'the return of an unreadable message that could not be kept among the dead letters',
      find: '() => false,',
      replace: '() => true,',
    },
  ]),
  ...of(
    'run/query-objects.ts',
    ['tests/object-index/queries.test.ts'],
    [
      {
        id: 'unknown-fields',
        removes: 'the refusal of a misspelt field, without which another question is answered',
        find: '  refuseUnknownFields(input);',
        replace: '',
      },
    ],
  ),
  ...of('core/event.ts', ingest, [
    {
      id: 'poison-alone',
      removes: "the poison message's own failure",
      find: 'if (!(error instanceof MalformedEventError || error instanceof MalformedKeyError)) throw error;',
      replace: 'throw error;',
    },
  ]),
  ...of(
    'core/cursor.ts',
    ['tests/object-index/queries.test.ts'],
    [
      {
        id: 'cursor-seal',
        removes: "the cursor's tie to its query",
        find: 'if (seal(query, position, digest) !== seen) {',
        replace: 'if (false) {',
      },
      {
        id: 'cursor-shape',
        removes: 'the refusal of a made-up cursor',
        find: 'if (position === undefined || !POSITION.test(position)) {',
        replace: 'if (position === undefined) {',
      },
    ],
  ),
  ...of(
    'run/merge.ts',
    ['tests/object-index/queries.test.ts'],
    [
      {
        id: 'merge-order',
        removes: 'the order in which shards are merged',
        find: 'place(a) < place(b) ? -sign : sign))[0];',
        replace: '0))[0];',
      },
    ],
  ),
  ...of('run/job.ts', maintain, [
    {
      id: 'job-part-once',
      removes: 'the look whether a part is done already',
      find: '  if (step < job.step) {',
      replace: '  if (false) {',
    },
    {
      id: 'job-goes-on',
      removes: 'the message for a part that is stored and whose message may not have been sent',
      find: 'if (step === job.step - 1) await messages.send({ kind, id, step: job.step });',
      replace: '',
    },
  ]),
  ...of('run/audit.ts', maintain, [
    {
      id: 'part-counts-once',
      removes: 'the place that is kept with a part: another attempt at it got elsewhere',
      find: 'const kept = await deps.jobs.keepPart(job.kind, job.id, job.step, found);',
      replace: 'await deps.jobs.keepPart(job.kind, job.id, job.step, found);\n  const kept = found;',
    },
  ]),
  ...of('core/next-row.ts', maintain, [
    {
      id: 'fingerprint-class',
      removes: 'the class from the fingerprint: no other sum says it of a version that is not current',
      find: 'etag, sizeBytes, storageClass], digest)',
      replace: 'etag, sizeBytes], digest)',
    },
  ]),
  ...of('core/audit.ts', maintain, [
    {
      id: 'fingerprint',
      removes: 'all but the number of objects from the comparison',
      find: 'if ([...names].every((name) => of(listed, name) === of(counted, name))) return undefined;',
      replace: "if (of(listed, 'n') === of(counted, 'n')) return undefined;",
    },
    {
      id: 'surplus',
      removes: 'the count of what is in the index only',
      find: 'surplus: Number(things(counted) - things(listed)), missing: 0 };',
      replace: 'surplus: 0, missing: 0 };',
    },
  ]),
  ...of(
    'core/notification.ts',
    [`${wing}/core/notification.test.ts`],
    [
      {
        id: 'overlap',
        removes: 'the refusal where S3 would send an event of a key to two destinations',
        find: '  if (overlaps.length > 0) {',
        replace: '  if (false) {',
      },
    ],
  ),
  ...of(
    'core/object-key.ts',
    [`${wing}/core/event.test.ts`],
    [
      {
        id: 'plus-is-space',
        removes: 'the reading of + as a space',
        find: "encoded.replaceAll('+', ' ')",
        replace: 'encoded',
      },
    ],
  ),
];

export const objectIndex: Catalogue = { project: 'object-index', mutants };
