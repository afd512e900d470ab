/** The same request by huggingface_hub's InferenceClient, for the tasks it has a method for. */

interface Call {
  method: string;
  /** What goes into the parentheses for the task's example. */
  args: (inputs: unknown, parameters: Record<string, unknown>) => string | null;
}

const python = (value: unknown): string => {
  if (value === null || value === undefined) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (Array.isArray(value)) return `[${value.map(python).join(', ')}]`;
  if (typeof value === 'object') {
    const pairs = Object.entries(value).map(([name, one]) => `${python(name)}: ${python(one)}`);
    return `{${pairs.join(', ')}}`;
  }
  return JSON.stringify(value);
};

const text: Call['args'] = (inputs, parameters) =>
  typeof inputs !== 'string'
    ? null
    : [
        python(inputs),
        ...Object.entries(parameters).map(([name, value]) => `${name}=${python(value)}`),
      ].join(', ');

const file =
  (name: string): Call['args'] =>
  () =>
    python(name);

const CALLS: Readonly<Record<string, Call>> = {
  'text-classification': { method: 'text_classification', args: text },
  'token-classification': { method: 'token_classification', args: text },
  'feature-extraction': { method: 'feature_extraction', args: text },
  'fill-mask': { method: 'fill_mask', args: text },
  'text-generation': { method: 'text_generation', args: text },
  summarization: { method: 'summarization', args: text },
  translation: { method: 'translation', args: text },
  'image-classification': { method: 'image_classification', args: file('photo.png') },
  'image-segmentation': { method: 'image_segmentation', args: file('photo.png') },
  'object-detection': { method: 'object_detection', args: file('photo.png') },
  'image-to-text': { method: 'image_to_text', args: file('photo.png') },
  'audio-classification': { method: 'audio_classification', args: file('sound.wav') },
  'automatic-speech-recognition': {
    method: 'automatic_speech_recognition',
    args: file('sound.wav'),
  },
};

interface Asked {
  task: string;
  endpoint: string;
  /** The task's example, as `GET /tasks` gives it. */
  example: unknown;
  wantsKey: boolean;
}

/** Null where the client has no method for the task, or its example is not one call. */
export function inferenceClientExample({
  task,
  endpoint,
  example,
  wantsKey,
}: Asked): string | null {
  const call = CALLS[task];
  const body = (typeof example === 'object' && example !== null ? example : {}) as {
    inputs?: unknown;
    parameters?: Record<string, unknown>;
  };
  const args = call?.args(body.inputs, body.parameters ?? {}) ?? null;
  if (call === undefined || args === null) return null;
  const key = wantsKey ? ', token=os.environ["API_KEY"]' : '';
  return [
    ...(wantsKey ? ['import os', ''] : []),
    'from huggingface_hub import InferenceClient',
    '',
    `client = InferenceClient("${endpoint}"${key})`,
    `print(client.${call.method}(${args}))`,
    '',
  ].join('\n');
}
