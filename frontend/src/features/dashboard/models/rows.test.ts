import { expect, test } from 'vitest';
import type { CachedModel } from '@/api/types';
import { card } from '@/test/fixtures';
import { arranged, cachedRows, deployLink, factsOf, obstacleOf, rowsOf } from './rows';

const cached = (model_id: string, changes: Partial<CachedModel> = {}): CachedModel => ({
  source: 'hub',
  model_id,
  commits: ['989aa7980e4c989aa7980e4c989aa7980e4c989a'],
  bytes: 1000,
  directory: `/cache/${model_id}`,
  last_used_at: null,
  freeable: true,
  used_by: [],
  ...changes,
});

const ids = (rows: readonly { card: { id: string } }[]) => rows.map((row) => row.card.id);

test('a model in two caches has two rows; a model in only one list has none', () => {
  const rows = cachedRows(
    [card('a/b'), card('gone')],
    [cached('a/b'), cached('a/b', { directory: '/other', freeable: false }), cached('new')],
  );
  expect(rows.map((row) => row.cached?.directory)).toEqual(['/cache/a/b', '/other']);
});

test('sorts by name, by size with the largest first, and by last use', () => {
  const rows = cachedRows(
    ['b', 'a', 'c'].map((id) => card(id)),
    [
      cached('b', { bytes: 5, last_used_at: '2026-01-02T10:00:00Z' }),
      cached('a', { bytes: 5 }),
      cached('c', { bytes: 9, last_used_at: '2026-01-03T10:00:00Z' }),
    ],
  );
  expect(ids(arranged(rows, '', 'name'))).toEqual(['a', 'b', 'c']);
  expect(ids(arranged(rows, '', 'size'))).toEqual(['c', 'a', 'b']);
  expect(ids(arranged(rows, '', 'used'))).toEqual(['c', 'b', 'a']);
});

test('searches name, task, type and deployments for all words', () => {
  const rows = rowsOf([
    card('team/moods', { task: 'text-classification', used_by: ['shop'] }),
    card('lora', { kind: 'PEFT adapter', served: false, task: null }),
  ]);
  expect(ids(arranged(rows, ' SHOP text ', 'name'))).toEqual(['team/moods']);
  expect(ids(arranged(rows, 'peft', 'name'))).toEqual(['lora']);
  expect(arranged(rows, 'peft shop', 'name')).toEqual([]);
});

test('shows the model format and why it cannot be deployed', () => {
  const usual = card('a', { task: 'fill-mask', parameters: 67e6, license: 'mit' });
  expect(factsOf(usual)).toBe('fill-mask · 67.0 M parameters · mit');
  expect(obstacleOf(usual)).toBeNull();
  const adapter = card('b', { served: false, kind: 'PEFT adapter', note: 'Not supported yet.' });
  expect(factsOf(adapter)).toBe('PEFT adapter');
  expect(obstacleOf(adapter)).toBe('Not supported yet.');
  const other = card('c', { served: false, task: 'text-to-image' });
  expect(obstacleOf(other)).toBe('The task text-to-image is not supported.');
});

test('a cached model is deployed from the Hub, a local one from its folder', () => {
  expect(deployLink(card('a/b', { source: 'cached' }))).toBe('/deploy/review?source=hub&model=a/b');
  expect(deployLink(card('mine', { source: 'local' }))).toBe(
    '/deploy/review?source=local&model=mine',
  );
});
