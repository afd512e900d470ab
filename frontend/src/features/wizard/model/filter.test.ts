import { expect, test } from 'vitest';
import { card } from '@/test/fixtures';
import { NO_FILTERS } from '../state';
import { licenceKind, matches, sizeKind, unique } from './filter';

test('licences are in two groups, and a missing licence is in none', () => {
  expect(['apache-2.0', 'MIT', 'llama3.2', 'cc-by-nc-4.0', null].map(licenceKind)).toEqual([
    'open',
    'open',
    'conditions',
    'conditions',
    null,
  ]);
});

test('size ranges have no gaps', () => {
  expect([4.99e8, 5e8, 4e9, 4.1e9, null].map(sizeKind)).toEqual([
    'small',
    'medium',
    'medium',
    'large',
    null,
  ]);
});

test('every filter can exclude a card', () => {
  const one = card('a/b');
  expect(matches(one, NO_FILTERS)).toBe(true);
  expect(matches(one, { ...NO_FILTERS, modality: 'audio' })).toBe(false);
  expect(matches(one, { ...NO_FILTERS, size: 'small' })).toBe(false);
  expect(matches(one, { ...NO_FILTERS, licence: 'conditions' })).toBe(false);
  const big = card('a/c', { fit: { ...one.fit, verdict: 'does-not-fit' } });
  expect(matches(big, { ...NO_FILTERS, onlyFits: true })).toBe(false);
});

test('a model that is on the Hub and on disk is listed once', () => {
  const cards = [card('a/b'), card('a/b', { source: 'cached' }), card('a/b', { source: 'local' })];
  expect(unique(cards).map((one) => one.source)).toEqual(['hub', 'local']);
});
