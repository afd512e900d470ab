import { screen } from '@testing-library/react';
import { HttpResponse, http } from 'msw';
import { beforeEach, expect, test } from 'vitest';
import { deployment, problem, system } from '@/test/fixtures';
import { renderAt } from '@/test/render';
import { server } from '@/test/server';
import { Playground } from '../Playground';
import { textGeneration } from '../testing';

interface Sent {
  inputs: { role: string; content: string }[];
  stream: boolean;
  parameters: Record<string, unknown>;
}

let sent: Sent[] = [];

const event = (text: string, whole: string | null = null): string =>
  `data: ${JSON.stringify({ token: { text, special: false }, generated_text: whole })}\n\n`;

/** A stream that is fed by the test. */
function stream() {
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  let isCancelled = false;
  const body = new ReadableStream<Uint8Array>({
    start: (made) => {
      controller = made;
    },
    cancel: () => {
      isCancelled = true;
    },
  });
  const encoder = new TextEncoder();
  return {
    say: (text: string) => controller?.enqueue(encoder.encode(text)),
    close: () => controller?.close(),
    wasCancelled: () => isCancelled,
    handler: http.post('*/proxy/predict', async ({ request }) => {
      sent.push((await request.json()) as Sent);
      return new HttpResponse(body, { headers: { 'content-type': 'text/event-stream' } });
    }),
  };
}

function open() {
  const made = deployment();
  const model = { ...(made.model as NonNullable<typeof made.model>), task: 'text-generation' };
  server.use(
    http.get('*/api/v1/deployments/a', () => HttpResponse.json({ ...made, model })),
    http.get('*/api/v1/tasks', () => HttpResponse.json([textGeneration])),
    http.get('*/api/v1/system', () => HttpResponse.json(system())),
    http.get('*/proxy/info', () =>
      HttpResponse.json({ model: { has_chat_template: true, max_total_tokens: 512 } }),
    ),
  );
  return renderAt(<Playground />, { at: '/test/a', path: '/test/:id' });
}

beforeEach(() => {
  sent = [];
});

test('streams a response, then sends the whole conversation with the system prompt', async () => {
  const [first, second] = [stream(), stream()];
  const { user } = open();
  await user.click(await screen.findByRole('button', { name: 'Edit' }));
  await user.type(screen.getByRole('textbox', { name: 'Instructions' }), 'Be short.');
  server.use(first.handler);
  await user.type(screen.getByRole('textbox', { name: 'Message' }), 'Hello{Enter}');
  first.say(event(' Good'));
  expect(await screen.findByText('Good')).toBeVisible();
  first.say(event(' day', ' Good day'));
  first.close();
  expect(await screen.findByText('Good day')).toBeVisible();
  expect(screen.getByText(/^2 tokens/)).toBeVisible();
  server.use(second.handler);
  await user.type(screen.getByRole('textbox', { name: 'Message' }), 'And you?{Enter}');
  second.say(event('Well.', 'Well.'));
  second.close();
  await screen.findByText('Well.');
  expect(sent[1]?.inputs.map(({ role }) => role)).toEqual(['system', 'user', 'assistant', 'user']);
  expect(sent[1]).toMatchObject({ stream: true, parameters: { temperature: 0.7, top_p: 0.9 } });
});

test('Stop replaces Send, and earlier messages stay', async () => {
  const answer = stream();
  server.use(answer.handler);
  const { user } = open();
  await user.type(await screen.findByRole('textbox', { name: 'Message' }), 'Hello{Enter}');
  expect(await screen.findByRole('button', { name: 'Stop' })).toBeVisible();
  expect(screen.queryByRole('button', { name: 'Send' })).toBeNull();
  answer.say(event('Half a'));
  await screen.findByText('Half a');
  await user.click(screen.getByRole('button', { name: 'Stop' }));
  expect(await screen.findByText(/stopped/)).toBeVisible();
  expect(screen.getByText('Half a')).toBeVisible();
  expect(screen.getByRole('button', { name: 'Send' })).toBeVisible();
});

test('an error keeps the message and can be retried', async () => {
  server.use(
    http.post('*/proxy/predict', () =>
      HttpResponse.json(problem({ title: 'The input is too long', status: 422 }), { status: 422 }),
    ),
  );
  const { user } = open();
  await user.type(await screen.findByRole('textbox', { name: 'Message' }), 'Hello{Enter}');
  expect(await screen.findByText('The input is too long')).toBeVisible();
  const answer = stream();
  server.use(answer.handler);
  await user.click(screen.getByRole('button', { name: 'Try again' }));
  answer.say(event('Hi.', 'Hi.'));
  answer.close();
  expect(await screen.findByText('Hi.')).toBeVisible();
  expect(screen.getAllByText('Hello')).toHaveLength(1);
});
