import { fireEvent, screen, within } from '@testing-library/react';
import { beforeEach, expect, test } from 'vitest';
import { answer, answerFile, asked, forget, open, PIXEL, task } from './testing';

const BASE64 = PIXEL.slice(PIXEL.indexOf(',') + 1);
const sent = (index = 0) => JSON.parse(asked[index]?.body ?? '');
const card = (name: string) => screen.findByRole('region', { name });

beforeEach(forget);

test('a question returns a span of its context', async () => {
  const row = task('question-answering', {
    example: { inputs: { question: 'Who?', context: 'It was Maria.' } },
  });
  const found = { answer: 'Maria', score: 0.91, start: 7, end: 12 };
  const { user } = open(row, {}, answer(found));
  await user.click(await screen.findByRole('button', { name: 'Run' }));
  expect(await screen.findByText('91% sure')).toBeVisible();
  expect(document.querySelector('mark')?.textContent).toBe('Mariaanswer');
  expect(sent()).toEqual({ inputs: { question: 'Who?', context: 'It was Maria.' } });
});

test('custom labels are sent as a parameter with the others', async () => {
  const row = task('zero-shot-classification', {
    example: { inputs: 'A fine day', parameters: { candidate_labels: ['weather'] } },
  });
  const { user } = open(row, {}, answer([{ label: 'weather', score: 0.8 }]));
  await user.type(
    await screen.findByLabelText('Labels to choose from', { selector: 'input' }),
    'sports{Enter}',
  );
  await user.click(screen.getByRole('button', { name: 'Run' }));
  expect(await screen.findByText('80% sure')).toBeVisible();
  expect(sent().parameters).toEqual({ candidate_labels: ['weather', 'sports'] });
});

test('a summary is shown as text', async () => {
  const { user } = open(task('summarization'), {}, answer([{ summary_text: 'Short.' }]));
  await user.click(await screen.findByRole('button', { name: 'Run' }));
  expect(await within(await card('Summary')).findByText('Short.', { selector: 'p' })).toBeVisible();
});

test('the most similar text comes first for every score format', async () => {
  const inputs = { source_sentence: 'a', sentences: ['far', 'near'] };
  const { user } = open(
    task('sentence-similarity', { example: { inputs } }),
    {},
    answer([0.1, 0.9]),
  );
  await user.click(await screen.findByRole('button', { name: 'Run' }));
  const rows = within(await card('Most similar first')).getAllByRole('listitem');
  expect(rows.map((row) => row.textContent)).toEqual(['near0.90', 'far0.10']);
  expect(sent()).toEqual({ inputs });
});

test('highlights the answer cells of a table', async () => {
  const inputs = { query: 'How many stars?', table: { name: ['hull'], stars: ['3'] } };
  const told = { answer: '3', coordinates: [[0, 1]], cells: ['3'], aggregator: 'NONE' };
  const { user } = open(
    task('table-question-answering', { example: { inputs } }),
    {},
    answer(told),
  );
  await user.click(await screen.findByRole('button', { name: 'Run' }));
  const cell = await screen.findByRole('cell', { name: '3' });
  expect(cell.className).not.toBe('');
  expect(sent()).toEqual({ inputs });
});

test('lists objects detected in an image, and hides those below the threshold', async () => {
  const row = task('object-detection', { input: 'image', modality: 'vision', example: PIXEL });
  const box = { xmin: 0, ymin: 0, xmax: 1, ymax: 1 };
  const { user } = open(row, {}, answer([{ label: 'cup', score: 0.6, box }]));
  await user.click(await screen.findByRole('button', { name: 'Run' }));
  await card('1 object');
  expect(sent()).toEqual({ inputs: BASE64 });
  screen.getByRole('slider', { name: 'Score threshold' }).focus();
  await user.keyboard('{End}');
  expect(await screen.findByText('No objects above 100%.')).toBeVisible();
});

test('an image and a question are sent together', async () => {
  const row = task('visual-question-answering', {
    modality: 'multimodal',
    example: { inputs: { image: BASE64, question: 'What colour?' } },
  });
  const { user } = open(row, {}, answer([{ answer: 'red', score: 0.7 }]));
  await user.click(await screen.findByRole('button', { name: 'Run' }));
  expect(await screen.findByText('70% sure')).toBeVisible();
  expect(sent()).toEqual({ inputs: { image: BASE64, question: 'What colour?' } });
});

test('the words of a document are sent with its image', async () => {
  const inputs = { image: BASE64, question: 'Where?', word_boxes: [['Oslo', [0, 0, 9, 9]]] };
  const row = task('document-question-answering', {
    modality: 'multimodal',
    example: { inputs },
  });
  const found = { answer: 'Oslo', score: 0.7, start: 0, end: 0 };
  const { user } = open(row, {}, answer([found]));
  await user.click(await screen.findByRole('button', { name: 'Run' }));
  expect(await screen.findByText('70% sure')).toBeVisible();
  expect(sent()).toEqual({ inputs });
});

test('a transcript is shown with timestamps', async () => {
  const row = task('automatic-speech-recognition', {
    input: 'audio',
    modality: 'audio',
    example: 'data:audio/wav;base64,UklGRg==',
  });
  const chunks = [
    { text: ' one', timestamp: [0, 1.5] },
    { text: ' two', timestamp: [61.5, null] },
  ];
  const { user } = open(row, {}, answer({ text: 'one two', chunks }));
  await user.click(await screen.findByRole('button', { name: 'Run' }));
  const lines = within(await card('Transcript')).getAllByRole('listitem');
  expect(lines.map((line) => line.textContent)).toEqual(['0:00.0 to 0:01.5one', '1:01.5 ontwo']);
});

test('audio can be downloaded', async () => {
  const { user } = open(
    task('text-to-speech', { output: 'audio', modality: 'audio' }),
    {},
    answerFile('RIFF', 'audio/wav'),
  );
  await user.click(await screen.findByRole('button', { name: 'Run' }));
  const link = await screen.findByRole('link', { name: 'Download' });
  expect(link).toHaveAttribute('download', 'answer.wav');
  expect(screen.getByText('4 B of audio/wav')).toBeVisible();
});

test('each question shows the top option and all options', async () => {
  const questions = { again: { type: 'noul' }, mood: { type: 'choice', criteria: { calm: null } } };
  const inputs = { state: 'A fine day.', questions };
  const { user } = open(
    task('decision', { example: { inputs } }),
    {},
    answer({
      again: { type: 'noul', noul: 0.8 },
      mood: { type: 'choice', choice: 'calm', confidence: 1, probabilities: { calm: 1 } },
    }),
  );
  await user.click(await screen.findByRole('button', { name: 'Run' }));
  const again = await screen.findByRole('region', { name: 'again' });
  expect(within(again).getByText('80.0% sure')).toBeVisible();
  expect(screen.getByRole('region', { name: 'mood' })).toHaveTextContent('calm');
  expect(sent()).toEqual({ inputs });
});

test('two images are sent as a pair, and their matches are listed', async () => {
  const row = task('keypoint-matching', {
    modality: 'vision',
    example: { inputs: { image_0: BASE64, image_1: BASE64 } },
  });
  const match = { keypoint_image_0: { x: 1, y: 2 }, keypoint_image_1: { x: 3, y: 4 }, score: 0.5 };
  const { user } = open(row, {}, answer([match]));
  await user.click(await screen.findByRole('button', { name: 'Run' }));
  expect(within(await card('1 match')).getByText('1, 2 to 3, 4')).toBeVisible();
  expect(sent()).toEqual({ inputs: { image_0: BASE64, image_1: BASE64 } });
});

test('a click on an image asks for the object there, and Clear removes the prompts', async () => {
  const row = task('mask-generation', { input: 'image', modality: 'vision', example: PIXEL });
  const found = [
    { object: 0, score: 1.02, mask: BASE64 },
    { object: 0, score: 0.7, mask: BASE64 },
  ];
  const { user } = open(row, {}, answer(found));
  const image = await screen.findByRole('img', { name: 'sample.png' });
  Object.defineProperties(image, { naturalWidth: { value: 200 }, naturalHeight: { value: 100 } });
  fireEvent.load(image);
  const layer = screen.getByRole('application');
  layer.getBoundingClientRect = () => new DOMRect(0, 0, 400, 200);
  fireEvent.pointerDown(layer, { button: 0, clientX: 100, clientY: 60 });
  fireEvent.pointerUp(layer, { button: 0 });
  await card('2 segments');
  expect(sent().parameters).toEqual({ points: [[[50, 30]]], labels: [[1]] });
  await user.click(screen.getByRole('radio', { name: 'Outside' }));
  layer.focus();
  await user.keyboard('{ArrowRight}{Enter}');
  await screen.findByText('2 points');
  expect(sent(1).parameters.labels).toEqual([[1, 0]]);
  expect(sent(1).parameters.points).toEqual([
    [
      [50, 30],
      [104, 50],
    ],
  ]);
  await user.click(screen.getByRole('button', { name: 'Clear' }));
  expect(screen.getByText(/every object is segmented/)).toBeVisible();
});
