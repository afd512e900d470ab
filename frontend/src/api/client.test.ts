import { HttpResponse, http } from 'msw';
import { expect, test } from 'vitest';
import { problem } from '@/test/fixtures';
import { server } from '@/test/server';
import { api, apiUrl, webSocketUrl } from './client';
import { answerKey, isAsking, subscribe } from './key';
import { asProblem, ProblemError } from './problem';

const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => expect.unreachable('should have failed'),
    (error: unknown) => asProblem(error),
  );

/** Answers the prompt as soon as it opens, as a person would. */
function answerWith(key: string | null): { asked: () => number } {
  let asked = 0;
  const stop = subscribe(() => {
    if (!isAsking()) return;
    asked += 1;
    stop();
    queueMicrotask(() => answerKey(key, false));
  });
  return { asked: () => asked };
}

test('empty query values are omitted and the prefix comes first', () => {
  expect(apiUrl('/models', { search: 'a b', task: null, source: '', limit: 5 })).toBe(
    '/api/v1/models?search=a+b&limit=5',
  );
  expect(webSocketUrl('/ws/dep_1', { after: 4 })).toMatch(
    /^ws:\/\/.*\/api\/v1\/ws\/dep_1\?after=4$/,
  );
});

test('a rejected request throws the problem of the response unchanged', async () => {
  server.use(
    http.get('*/api/v1/deployments/x', () =>
      HttpResponse.json(problem(), {
        status: 507,
        headers: { 'Content-Type': 'application/problem+json' },
      }),
    ),
  );
  expect(await failure(api.get('/deployments/x'))).toEqual(problem());
});

test('a response in another format becomes a problem with a remedy', async () => {
  server.use(
    http.get('*/api/v1/system', () => new HttpResponse('<h1>Bad gateway</h1>', { status: 502 })),
  );
  const shown = await failure(api.get('/system'));
  expect(shown).toMatchObject({ code: 'http-502', status: 502 });
  expect(shown?.remedy).not.toBe('');
});

test('a network error becomes a problem, not a browser exception', async () => {
  server.use(http.get('*/api/v1/system', () => HttpResponse.error()));
  expect(await failure(api.get('/system'))).toMatchObject({ code: 'control-plane-unreachable' });
});

test('a cancelled request rejects with AbortError', async () => {
  server.use(http.get('*/api/v1/models', () => new Promise<never>(() => undefined)));
  const abort = new AbortController();
  const asked = api.get('/models', { signal: abort.signal });
  abort.abort();
  await expect(asked).rejects.toMatchObject({ name: 'AbortError' });
});

test('401 prompts once for the key for any number of requests, which then succeed', async () => {
  server.use(
    http.get('*/api/v1/*', ({ request }) =>
      request.headers.get('Authorization') === 'Bearer good'
        ? HttpResponse.json({ ok: true })
        : HttpResponse.json(problem({ code: 'unauthorized', status: 401 }), { status: 401 }),
    ),
  );
  const person = answerWith('good');
  await expect(Promise.all([api.get('/system'), api.get('/tasks')])).resolves.toEqual([
    { ok: true },
    { ok: true },
  ]);
  expect(person.asked()).toBe(1);
  expect(sessionStorage.length).toBe(0);
});

test('closing the prompt keeps the 401 error', async () => {
  server.use(
    http.get('*/api/v1/system', () =>
      HttpResponse.json(problem({ code: 'unauthorized', status: 401 }), { status: 401 }),
    ),
  );
  answerWith(null);
  await expect(api.get('/system')).rejects.toBeInstanceOf(ProblemError);
});

test('a wrong key prompts again', async () => {
  server.use(
    http.get('*/api/v1/system', ({ request }) => {
      const sent = request.headers.get('Authorization');
      if (sent === 'Bearer right') return HttpResponse.json({ ok: true });
      const status = sent === null ? 401 : 403;
      const code = sent === null ? 'unauthorized' : 'forbidden';
      return HttpResponse.json(problem({ code, status }), { status });
    }),
  );
  const given = ['wrong', 'right'];
  const stop = subscribe(() => {
    const next = isAsking() ? given.shift() : undefined;
    if (next !== undefined) queueMicrotask(() => answerKey(next, false));
  });
  await expect(api.get('/system')).resolves.toEqual({ ok: true });
  stop();
});
