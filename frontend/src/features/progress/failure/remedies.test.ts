import { expect, test } from 'vitest';
import type { Deployment, Problem, System } from '@/api/types';
import { deployment, problem, request, system } from '@/test/fixtures';
import { fromSnapshot } from '../live/progress';
import { type Remedy, remedies, why } from './remedies';
import { failureSummary } from './summary';

const labels = (
  code: string,
  changes: Partial<Problem> = {},
  of: Partial<Deployment> = {},
  machine: System = system(),
): string[] =>
  remedies({
    problem: problem({ code, retryable: false, ...changes }),
    deployment: deployment('failed', of),
    system: machine,
  }).map(({ label }) => label);

test('transient failures offer a retry first', () => {
  expect(labels('hub-stalled', { retryable: true, step: 'download' })).toEqual([
    'Retry the download',
  ]);
});

test('a limit is raised in steps of 0.5 GB up to the maximum', () => {
  const tight = {
    estimated_bytes: 2.1e9,
    measured_bytes: null,
    peak_bytes: null,
    limit_bytes: 1.5e9,
    enforcement: 'none' as const,
  };
  expect(labels('model-out-of-memory', {}, { memory: tight })).toContain(
    'Raise limit to 3.0 GB and retry',
  );
  const full = { ...tight, limit_bytes: 8e9, estimated_bytes: 12e9 };
  expect(labels('model-out-of-memory', {}, { memory: full })).toEqual([
    'Retry in bfloat16',
    'Change the hardware',
    'Retry the start',
  ]);
});

test('before planning, the required memory is read from the error', () => {
  const asked = request();
  asked.hardware.memory_limit_gb = 0.2;
  const detail = 'It requires about 612 MB, more than the limit of 200 MB for one model.';
  expect(
    labels('not-enough-memory', { detail, step: 'validate' }, { memory: null, request: asked }),
  ).toEqual([
    'Retry in bfloat16',
    'Raise limit to 1.0 GB and retry',
    'Change the hardware',
    'Retry',
  ]);
});

test('unavailable options are not offered', () => {
  const old = system();
  const without = { ...old, machine: { ...old.machine, has_bfloat16: false } };
  expect(labels('model-out-of-memory', {}, { memory: null }, without)).toEqual([
    'Change the hardware',
    'Retry the start',
  ]);
  const inBfloat = request();
  inBfloat.hardware.dtype = 'bfloat16';
  expect(labels('server-died', {}, { request: inBfloat })[0]).toBe('Retry in float32');
});

test('the extra and the revision are read from the remedy text', () => {
  const first = (code: string, remedy: string): Remedy | undefined =>
    remedies({
      problem: problem({ code, remedy, retryable: false }),
      deployment: deployment('failed'),
      system: null,
    })[0];
  expect(
    first('missing-library', 'Add the extra sentencepiece to `dependencies.extras` and retry.'),
  ).toMatchObject({
    label: 'Add sentencepiece and retry',
    changes: { dependencies: { extras: ['sentencepiece'] } },
  });
  expect(
    first(
      'unsafe-format',
      'Use a safetensors model (revision refs/pr/4 has safetensors), or set …',
    ),
  ).toMatchObject({ changes: { revision: 'refs/pr/4' } });
  expect(first('port-taken', '')).toMatchObject({ changes: { serving: { port: null } } });
});

test('the reason is shown only if the numbers support it', () => {
  const found = { deployment: deployment('failed'), system: null };
  expect(why({ ...found, problem: problem() })).toBe(
    'In float32 this model needs about 0.4 GB. The limit is 0.6 GB.',
  );
  expect(why({ ...found, problem: problem({ code: 'load-failed' }) })).toBeNull();
});

test('the summary shows the progress and the cost of a retry', () => {
  const at = (name: 'validate' | 'download' | 'start') => {
    const shown = deployment('failed');
    const index = shown.progress.steps.findIndex((step) => step.name === name);
    const steps = shown.progress.steps.map((step, place) => ({
      ...step,
      state:
        place < index
          ? ('succeeded' as const)
          : place > index
            ? ('queued' as const)
            : ('failed' as const),
    }));
    return failureSummary(fromSnapshot({ ...shown, progress: { ...shown.progress, steps } }));
  };
  expect(at('start')).toBe(
    'The launch stopped in step 5 of 6, Start model server. The download is kept, so a retry takes about 4 s.',
  );
  expect(at('download')).toMatch(/a retry resumes it/);
  expect(at('validate')).toBe('The launch stopped in step 1 of 6, Validate configuration.');
});

test('remedies in settings link to an existing screen', () => {
  const found = remedies({
    problem: problem({ code: 'port-taken', retryable: false }),
    deployment: deployment('failed'),
    system: system(),
  });
  expect(found).toContainEqual({
    kind: 'edit',
    label: 'Change the settings',
    screen: 'settings',
  });
});
