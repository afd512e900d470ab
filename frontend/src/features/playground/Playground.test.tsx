import { screen, within } from '@testing-library/react';
import { HttpResponse, http } from 'msw';
import { beforeEach, expect, test } from 'vitest';
import { deployment, problem } from '@/test/fixtures';
import { renderAt } from '@/test/render';
import { server } from '@/test/server';
import { Playground } from './Playground';
import { answer, asked, forget, open, PIXEL, task, textGeneration, wholeAtRoot } from './testing';

beforeEach(forget);

const sentiment = [
  [
    { label: 'NEGATIVE', score: 0.126 },
    { label: 'POSITIVE', score: 0.874 },
  ],
];

test('shows the top label, all bars, the timing and the raw response', async () => {
  const { user } = open(task('text-classification'), { max_input_tokens: 128 }, answer(sentiment));
  await user.click(await screen.findByRole('button', { name: 'Run' }));
  const card = await screen.findByRole('region', { name: 'Answer' });
  expect(await within(card).findByText('87.4% sure')).toBeVisible();
  expect(within(card).getAllByRole('listitem')).toHaveLength(2);
  expect(screen.getByText('11.5 ms')).toBeVisible();
  expect(screen.getByText(/up to 128 tokens/)).toBeVisible();
  expect(JSON.parse(asked[0]?.body ?? '')).toEqual({
    inputs: 'Daniel found the bakery brilliant.',
  });
});

test('a sample runs in one click, and Ctrl Enter runs the current input', async () => {
  const { user } = open(
    task('text-classification'),
    { labels: ['POSITIVE', 'NEGATIVE'] },
    answer(sentiment),
  );
  await user.click(await screen.findByRole('button', { name: 'Negative' }));
  await screen.findByText('87.4% sure');
  const text = screen.getByRole('textbox', { name: 'Text' });
  await user.clear(text);
  await user.type(text, 'fine{Control>}{Enter}{/Control}');
  // The run before this one is now an earlier one.
  expect(await screen.findByText('History of this tab')).toBeVisible();
  expect(asked.map(({ body }) => JSON.parse(body).inputs)).toEqual([
    'A film I will never need to see again.',
    'fine',
  ]);
});

test('sends only the parameters that were changed', async () => {
  const { user } = open(task('text-classification'), {}, answer(sentiment));
  await user.click(await screen.findByText('Parameters'));
  await user.type(screen.getByLabelText('Top k'), '1');
  expect(screen.getByText('1 value changed')).toBeVisible();
  await user.click(screen.getByRole('button', { name: 'Run' }));
  await screen.findByText('87.4% sure');
  expect(JSON.parse(asked[0]?.body ?? '').parameters).toEqual({ top_k: 1 });
});

test('an error is shown with a remedy, and the next run clears it', async () => {
  const refusal = problem({ title: 'The input is too long', code: 'input-too-long', status: 422 });
  const { user } = open(
    task('text-classification'),
    {},
    answer(refusal, { status: 422, headers: { 'content-type': 'application/problem+json' } }),
  );
  await user.click(await screen.findByRole('button', { name: 'Run' }));
  const alert = await screen.findByRole('alert');
  expect(within(alert).getByText('The input is too long')).toBeVisible();
  expect(within(alert).getByText(refusal.remedy)).toBeVisible();
  server.use(answer(sentiment));
  await user.click(screen.getByRole('button', { name: 'Run' }));
  await screen.findByText('87.4% sure');
  expect(screen.queryByRole('alert')).toBeNull();
});

test('highlights entities in the text that was sent', async () => {
  const row = task('token-classification', { example: { inputs: 'Maria went to Lisbon' } });
  const { user } = open(
    row,
    {},
    answer([{ entity_group: 'PER', score: 0.99, word: 'Maria', start: 0, end: 5 }]),
  );
  await user.click(await screen.findByRole('button', { name: 'Run' }));
  expect((await screen.findByText('1 entity')).isConnected).toBe(true);
  const marks = document.querySelectorAll('mark');
  expect([...marks].map((mark) => mark.textContent)).toEqual(['MariaPER']);
});

test('inserts the mask token of the model at the cursor', async () => {
  const row = task('fill-mask', { example: { inputs: 'It was .' } });
  const { user } = open(row, { mask_token: '<mask>' });
  const text = await screen.findByRole<HTMLTextAreaElement>('textbox', { name: 'Text with masks' });
  text.setSelectionRange(7, 7);
  await user.click(screen.getByRole('button', { name: 'Insert <mask>' }));
  expect(text).toHaveValue('It was <mask>.');
});

test('compares sentences and names the pair that is most similar', async () => {
  const row = task('feature-extraction', { request: wholeAtRoot });
  const { user } = open(
    row,
    {},
    answer([
      [1, 0],
      [0.9, 0.1],
      [0, 1],
      [0, 0.9],
      [1, 1],
    ]),
  );
  await user.click(await screen.findByRole('button', { name: 'Run' }));
  expect(await screen.findByText('most similar: 3 and 4')).toBeVisible();
  expect(screen.getAllByRole('row')).toHaveLength(6);
  expect(JSON.parse(asked[0]?.body ?? '').inputs).toHaveLength(5);
});

test('sends an image as raw bytes, with parameters in the query', async () => {
  const row = task('image-classification', { input: 'image', example: PIXEL });
  const { user } = open(row, {}, answer([{ label: 'seven', score: 0.9 }]));
  await user.click(await screen.findByRole('button', { name: 'Run' }));
  expect(await screen.findByText('90% sure')).toBeVisible();
  expect(asked[0]?.type).toBe('image/png');
  const file = new File(['GIF89a'], 'cat.gif', { type: 'image/gif' });
  await user.upload(screen.getByLabelText('Choose an image', { selector: 'input' }), file);
  expect(await screen.findByRole('img', { name: 'cat.gif' })).toBeVisible();
  expect(asked[1]?.type).toBe('image/gif');
});

test('a task without its own view accepts and shows JSON', async () => {
  const row = task('a-task-of-tomorrow', { example: { inputs: { query: 'How many?' } } });
  const { user } = open(row, {}, answer({ answer: '3' }));
  const body = await screen.findByRole('textbox', { name: 'Body' });
  await user.clear(body);
  await user.type(body, 'no json');
  expect(await screen.findByText(/This is not JSON/, { selector: 'p' })).toBeVisible();
  await user.click(screen.getByRole('button', { name: 'Sample' }));
  expect(await screen.findByRole('region', { name: 'Answer' })).toBeVisible();
  expect(JSON.parse(asked[0]?.body ?? '')).toEqual({ inputs: { query: 'How many?' } });
});

test('shows why the deployment is not running, and wakes it', async () => {
  let verb = '';
  server.use(
    http.get('*/api/v1/deployments/a', () => HttpResponse.json(deployment('paused'))),
    http.get('*/api/v1/tasks', () => HttpResponse.json([])),
    http.post('*/api/v1/deployments/a/:verb', ({ params }) => {
      verb = String(params.verb);
      return HttpResponse.json(deployment('initializing'), { status: 202 });
    }),
  );
  const { user } = renderAt(<Playground />, { at: '/test/a', path: '/test/:id' });
  await user.click(await screen.findByRole('button', { name: 'Resume' }));
  expect(verb).toBe('resume');
});

test('generation without a chat template continues a prompt', async () => {
  open(textGeneration, { has_chat_template: false });
  expect(await screen.findByRole('textbox', { name: 'Prompt' })).toHaveValue('Once upon a time');
});
