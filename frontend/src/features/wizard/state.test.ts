import { describe, expect, test } from 'vitest';
import { request } from '@/test/fixtures';
import { linkedModel, linkTo } from './links';
import {
  type ChosenModel,
  initialState,
  nextScreen,
  previousScreen,
  reduce,
  toBody,
  type WizardAction,
  type WizardState,
} from './state';

const QWEN: ChosenModel = { id: 'Qwen/Qwen2.5-1.5B', source: 'hub', revision: 'main', task: null };
const STARTER: ChosenModel = { id: 'sentiment', source: 'starter', revision: 'main', task: null };
const COMMIT = '989aa7980e4c989aa7980e4c989aa7980e4c989a';

const having = (...actions: WizardAction[]): WizardState => actions.reduce(reduce, initialState);

describe('selecting a model', () => {
  test('a better suggestion replaces a suggestion but not a selection', () => {
    const suggested = having({ type: 'suggest', model: QWEN }, { type: 'suggest', model: STARTER });
    expect(suggested.model).toEqual(STARTER);
    const chosen = having({ type: 'choose', model: QWEN }, { type: 'suggest', model: STARTER });
    expect(chosen.model).toEqual(QWEN);
  });

  test('continuing with a suggestion selects it', () => {
    const state = having(
      { type: 'suggest', model: QWEN },
      { type: 'leave', screen: 'model' },
      { type: 'suggest', model: STARTER },
    );
    expect(state.model).toEqual(QWEN);
    expect(state.done).toEqual(['model']);
  });

  test('clicking the suggestion selects it', () => {
    const state = having(
      { type: 'suggest', model: QWEN },
      { type: 'choose', model: QWEN },
      { type: 'suggest', model: STARTER },
    );
    expect(state.model).toEqual(QWEN);
  });

  test('consents, extras and name are reset for another model', () => {
    const state = having(
      { type: 'choose', model: QWEN },
      { type: 'setAllow', changes: { remote_code: true } },
      { type: 'setExtra', name: 'audio', isWanted: true },
      { type: 'setName', name: 'mine' },
      { type: 'setHardware', changes: { dtype: 'bfloat16' } },
      { type: 'choose', model: STARTER },
    );
    expect(state).toMatchObject({
      allow: { remote_code: false, pickle: false },
      extras: [],
      name: null,
      hardware: { dtype: 'bfloat16' },
    });
  });
});

test('navigation keeps every value', () => {
  const changed = having(
    { type: 'choose', model: QWEN },
    { type: 'setHardware', changes: { threads: 4 } },
    { type: 'setServing', changes: { port: 8150 } },
  );
  const travelled = reduce(reduce(changed, { type: 'leave', screen: 'hardware' }), {
    type: 'filter',
    changes: { search: 'qwen' },
  });
  expect(travelled.hardware).toEqual(changed.hardware);
  expect(travelled.serving).toEqual(changed.serving);
  expect(nextScreen('settings')).toBe('review');
  expect([nextScreen('review'), previousScreen('model')]).toEqual([null, null]);
});

test('the reducer does not mutate its input', () => {
  const before = structuredClone(initialState);
  having(
    { type: 'choose', model: QWEN },
    { type: 'setExtra', name: 'audio', isWanted: true },
    { type: 'setServing', changes: { env: { A: '1' } } },
  );
  expect(initialState).toEqual(before);
});

describe('the body that Deploy sends', () => {
  test('contains only changed fields', () => {
    expect(toBody(having({ type: 'choose', model: STARTER }), 'sentiment')).toEqual({
      name: 'sentiment',
      model_id: 'sentiment',
      source: 'starter',
    });
  });

  test('contains all changed fields', () => {
    const state = having(
      { type: 'choose', model: { ...QWEN, task: 'text-generation' } },
      { type: 'setHardware', changes: { dtype: 'bfloat16', workers: 2 } },
      { type: 'setExtra', name: 'audio', isWanted: true },
      { type: 'setServing', changes: { port: 8150, env: { LANG: 'C' } } },
      { type: 'setName', name: 'support-chat' },
    );
    expect(toBody(state, 'ignored')).toEqual({
      name: 'support-chat',
      model_id: 'Qwen/Qwen2.5-1.5B',
      task: 'text-generation',
      hardware: { dtype: 'bfloat16', workers: 2 },
      dependencies: { extras: ['audio'] },
      serving: { port: 8150, env: { LANG: 'C' } },
    });
  });

  test('pins the commit that a consent was given for', () => {
    const state = having(
      { type: 'choose', model: QWEN },
      { type: 'setAllow', changes: { remote_code: true } },
    );
    expect(toBody(state, null, COMMIT)).toEqual({
      model_id: 'Qwen/Qwen2.5-1.5B',
      revision: COMMIT,
      allow: { remote_code: true },
    });
  });

  test('an option reset to automatic is omitted', () => {
    const state = having(
      { type: 'choose', model: STARTER },
      { type: 'setHardware', changes: { dtype: 'bfloat16' } },
      { type: 'setHardware', changes: { dtype: 'auto' } },
      { type: 'setExtra', name: 'audio', isWanted: true },
      { type: 'setExtra', name: 'audio', isWanted: false },
    );
    expect(toBody(state, null)).toEqual({ model_id: 'sentiment', source: 'starter' });
  });

  test('a loaded request round-trips except for its name in use', () => {
    const old = request({
      name: 'old',
      model_id: 'Qwen/Qwen2.5-1.5B',
      source: 'hub',
      allow: { remote_code: false, pickle: true },
    });
    const state = having({ type: 'load', request: old });
    expect(toBody(state, 'qwen2.5-1.5b-2')).toEqual({
      name: 'qwen2.5-1.5b-2',
      model_id: 'Qwen/Qwen2.5-1.5B',
      allow: { pickle: true },
    });
  });
});

test('a model round-trips through its link', () => {
  const model: ChosenModel = { ...QWEN, revision: 'refs/pr/3', task: 'text-generation' };
  const link = linkTo('hardware', model);
  expect(link).toMatch(/^\/deploy\/hardware\?source=hub&model=Qwen\/Qwen2\.5-1\.5B/);
  expect(linkedModel(new URL(link, 'http://x').searchParams)).toEqual(model);
  expect(linkedModel(new URLSearchParams('source=nonsense&model=a/b'))?.source).toBe('hub');
  expect(linkedModel(new URLSearchParams())).toBeNull();
});
