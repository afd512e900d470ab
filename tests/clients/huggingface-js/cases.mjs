// @huggingface/inference; what it and huggingface_hub expect differently is said where it happens.

import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import {
  InferenceClient,
  InferenceClientProviderApiError,
  InferenceClientProviderOutputError,
} from '@huggingface/inference';

const TEXT = 'Maria found the museum in Kyoto wonderful.';
const HELLO = [{ role: 'user', content: 'hi' }];

const client = new InferenceClient('');
const at = (url) => client.endpoint(`${url}/predict`);
const blob = (file) => new Blob([readFileSync(file)]);

export async function textClassification(urls) {
  const labels = await at(urls['text-classification']).textClassification({ inputs: TEXT });
  assert.equal(labels.length, 3);
  assert.ok(labels[0].score >= labels[1].score);
}

export async function tokenClassification(urls) {
  const found = await at(urls['token-classification']).tokenClassification({ inputs: TEXT });
  for (const entity of found) assert.match(entity.entity_group, /PER|LOC/);
}

export async function fillMask(urls) {
  const inputs = 'the film was [MASK] .';
  const found = await at(urls['fill-mask']).fillMask({ inputs, parameters: { top_k: 2 } });
  assert.equal(found.length, 2);
}

export async function featureExtraction(urls) {
  const [vector] = await at(urls['feature-extraction']).featureExtraction({ inputs: TEXT });
  assert.equal(vector.length, 32);
}

export async function imageClassification(urls, files) {
  const labels = await at(urls['image-classification']).imageClassification({
    data: blob(files.image),
  });
  assert.equal(labels.length, 3);
}

export async function audioClassification(urls, files) {
  const labels = await at(urls['audio-classification']).audioClassification({
    data: blob(files.audio),
  });
  assert.equal(labels.length, 3);
}

export async function objectDetection(urls, files) {
  const found = await at(urls['object-detection']).objectDetection({ data: blob(files.image) });
  for (const { box } of found) assert.ok(box.xmax >= box.xmin);
}

export async function imageSegmentation(urls, files) {
  const found = await at(urls['image-segmentation']).imageSegmentation({
    inputs: blob(files.image),
  });
  assert.equal(Buffer.from(found[0].mask, 'base64').toString('latin1', 1, 4), 'PNG');
}

export async function zeroShotImageClassification(urls, files) {
  const found = await at(urls['zero-shot-image-classification']).zeroShotImageClassification({
    inputs: { image: blob(files.image) },
    parameters: { candidate_labels: ['a disc', 'a bird'] },
  });
  assert.equal(found.length, 2);
}

export async function questionAnswering(urls) {
  const inputs = { question: 'who found it?', context: TEXT };
  const best = await at(urls['question-answering']).questionAnswering({ inputs });
  assert.equal(TEXT.slice(best.start, best.end), best.answer);
}

export async function zeroShotClassification(urls) {
  const asked = { inputs: TEXT, parameters: { candidate_labels: ['film', 'museum'] } };
  const found = await at(urls['zero-shot-classification']).zeroShotClassification(asked);
  assert.equal(found.length, 2);
}

export async function summarization(urls) {
  const told = await at(urls.summarization).summarization({ inputs: TEXT });
  assert.equal(typeof told.summary_text, 'string');
}

export async function translation(urls) {
  const told = await at(urls.translation).translation({ inputs: TEXT });
  assert.equal(typeof told.translation_text, 'string');
}

export async function visualQuestionAnswering(urls, files) {
  const inputs = { question: 'what is it?', image: blob(files.image) };
  const best = await at(urls['visual-question-answering']).visualQuestionAnswering({ inputs });
  assert.equal(typeof best.answer, 'string');
}

export async function documentQuestionAnswering(urls, files) {
  const inputs = { question: 'what is it?', image: blob(files.image) };
  const words = [
    ['film', [0, 0, 100, 50]],
    ['museum', [110, 0, 200, 50]],
  ];
  const best = await at(urls['document-question-answering']).documentQuestionAnswering({
    inputs,
    parameters: { word_boxes: words },
  });
  assert.equal(typeof best.answer, 'string');
}

export async function tableQuestionAnswering(urls) {
  const table = { name: ['maria', 'a'], film: ['boring', 'wonderful'] };
  const asked = { inputs: { query: 'who ?', table } };
  const told = await at(urls['table-question-answering']).tableQuestionAnswering(asked);
  assert.equal(typeof told.answer, 'string');
}

export async function sentenceSimilarity(urls) {
  const inputs = { source_sentence: TEXT, sentences: [TEXT, 'a'] };
  const numbers = await at(urls['sentence-similarity']).sentenceSimilarity({ inputs });
  assert.equal(numbers.length, 2);
}

// It wants one object; huggingface_hub wants a list of one, which is what is answered.
export async function imageToText(urls, files) {
  const asked = at(urls['image-to-text']).imageToText({ data: blob(files.image) });
  await assert.rejects(asked, InferenceClientProviderOutputError);
}

export async function automaticSpeechRecognition(urls, files) {
  const heard = await at(urls['automatic-speech-recognition']).automaticSpeechRecognition({
    data: blob(files.audio),
  });
  assert.equal(typeof heard.text, 'string');
}

export async function textToImage(urls) {
  const parameters = { width: 128, height: 64, num_inference_steps: 2 };
  const drawn = await at(urls['text-to-image']).textToImage({ inputs: TEXT, parameters });
  assert.equal(drawn.type, 'image/png');
  assert.ok(drawn.size > 100);
}

export async function textToSpeech(urls) {
  const sound = await at(urls['text-to-speech']).textToSpeech({ inputs: TEXT });
  assert.equal(sound.type, 'audio/wav');
  assert.ok(sound.size > 44);
}

// It asks /predict/v1/completions, where the Python client asks /predict.
export async function textGeneration(urls) {
  const inputs = 'Once';
  const parameters = { max_new_tokens: 8, temperature: 0 };
  const endpoint = at(urls['text-generation']);
  const whole = await endpoint.textGeneration({ inputs, parameters });
  assert.equal(typeof whole.generated_text, 'string');
  let text = '';
  for await (const chunk of endpoint.textGenerationStream({ inputs, parameters })) {
    text += chunk.choices[0].text;
  }
  assert.equal(text, whole.generated_text);
}

export async function chatCompletion(urls) {
  const asked = { messages: HELLO, max_tokens: 8, temperature: 0 };
  const endpoint = at(urls['text-generation']);
  const whole = await endpoint.chatCompletion(asked);
  let text = '';
  for await (const chunk of endpoint.chatCompletionStream(asked)) {
    text += chunk.choices[0].delta.content ?? '';
  }
  assert.equal(text, whole.choices[0].message.content);
}

export async function errorsUseClientErrorClasses(urls) {
  const asked = { inputs: TEXT, parameters: { top_k: -1 } };
  await assert.rejects(at(urls['text-classification']).textClassification(asked), (error) => {
    assert.ok(error instanceof InferenceClientProviderApiError);
    assert.equal(error.httpResponse.status, 422);
    assert.match(error.message, /top_k/);
    return true;
  });
}

export async function keyIsSent(urls) {
  const asked = { inputs: 'Once', parameters: { max_new_tokens: 1 } };
  const right = new InferenceClient('k'.repeat(20)).endpoint(`${urls.keyed}/predict`);
  assert.ok(await right.textGeneration(asked));
  await assert.rejects(at(urls.keyed).textGeneration(asked), InferenceClientProviderApiError);
}
