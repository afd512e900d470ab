import type {
  Deployment,
  DeploymentRequest,
  DeploymentState,
  LoadTest,
  ModelCard,
  ModelDetail,
  Problem,
  StepName,
  StepProgress,
  StepState,
  System,
} from '@/api/types';

/** Whole, valid values of the API; a test changes only what it is about. */

const STEPS: readonly (readonly [StepName, string, number])[] = [
  ['validate', 'Validate configuration', 4],
  ['download', 'Download model', 50],
  ['dependencies', 'Install dependencies', 6],
  ['prepare', 'Prepare model', 18],
  ['start', 'Start model server', 15],
  ['verify', 'Verify with a real request', 7],
];

/** Six steps; those before `current` succeeded, `current` is in `state`. */
export function steps(
  current: StepName = 'verify',
  state: StepState = 'succeeded',
): StepProgress[] {
  const at = STEPS.findIndex(([name]) => name === current);
  const percentNow = state === 'succeeded' ? 100 : 50;
  return STEPS.map(([name, title, weight], index) => {
    const [stepState, percent]: [StepState, number] =
      index < at ? ['succeeded', 100] : index > at ? ['queued', 0] : [state, percentNow];
    return {
      name,
      title,
      weight,
      state: stepState,
      percent,
      estimate_seconds: 2,
      elapsed_seconds: index <= at ? 1.5 : null,
      timeout_seconds: 60,
      message: '',
    };
  });
}

export const request = (changes: Partial<DeploymentRequest> = {}): DeploymentRequest => ({
  name: null,
  model_id: 'sentiment',
  source: 'starter',
  revision: 'main',
  task: null,
  vocoder: null,
  languages: [],
  hardware: {
    runtime: 'local',
    device: 'auto',
    dtype: 'auto',
    quantization: 'none',
    engine: 'auto',
    workers: 1,
    threads: null,
    memory_limit_gb: null,
  },
  dependencies: { extras: [] },
  serving: {
    port: null,
    max_batch_size: null,
    max_queue: 256,
    idle_timeout_seconds: null,
    require_api_key: null,
    env: {},
  },
  allow: { remote_code: false, pickle: false },
  ...changes,
});

export const deployment = (
  state: DeploymentState = 'running',
  changes: Partial<Deployment> = {},
): Deployment => ({
  id: 'dep_01JD8Q',
  name: 'movie-sentiment',
  state,
  message: 'Serving at http://localhost:8100/predict',
  progress: {
    percent: 100,
    current_step: 'verify',
    completed_steps: 6,
    total_steps: 6,
    message: '',
    elapsed_seconds: 9.8,
    eta_seconds: 0,
    steps: steps(),
  },
  request: request(),
  model: {
    id: 'sentiment',
    source: 'starter',
    commit: '989aa7980e4c989aa7980e4c989aa7980e4c989a',
    task: 'text-classification',
    type: 'nlp',
    parameters: 66_955_010,
    bytes: 267_832_558,
    license: 'apache-2.0',
    base: null,
    vocoder: null,
  },
  url: 'http://localhost:8100',
  endpoint: 'http://localhost:8100/predict',
  port: 8100,
  receipt: null,
  proof: null,
  memory: {
    estimated_bytes: 400_000_000,
    measured_bytes: 412_000_000,
    peak_bytes: 430_000_000,
    limit_bytes: 600_000_000,
    enforcement: 'cgroup2',
  },
  result: null,
  problem: null,
  version: 1,
  generation: 1,
  created_at: '2026-01-02T10:00:00Z',
  updated_at: '2026-01-02T10:00:10Z',
  ...changes,
});

export const problem = (changes: Partial<Problem> = {}): Problem => ({
  type: '/errors/model-out-of-memory',
  title: 'The model needs more memory than it was allowed',
  status: 507,
  detail: 'The model server was stopped after reaching its 1.5 GB limit.',
  instance: null,
  code: 'model-out-of-memory',
  remedy: 'Raise the memory limit to 2.5 GB, or load the model in bfloat16.',
  step: 'start',
  retryable: true,
  error: 'The model server was stopped after reaching its 1.5 GB limit.',
  error_type: 'overloaded',
  request_id: null,
  errors: [],
  ...changes,
});

export const card = (id: string, changes: Partial<ModelCard> = {}): ModelCard => ({
  id,
  source: 'hub',
  title: id,
  task: 'text-generation',
  type: 'nlp',
  description: null,
  parameters: 1_540_000_000,
  download_bytes: 3_090_000_000,
  license: 'apache-2.0',
  gated: false,
  downloads: 1000,
  likes: 10,
  updated_at: null,
  served: true,
  kind: null,
  note: null,
  used_by: [],
  fit: { verdict: 'fits', needed_bytes: 3.8e9, free_bytes: 11e9, reason: 'Fits in memory.' },
  ...changes,
});

export const detail = (id: string, changes: Partial<ModelDetail> = {}): ModelDetail => ({
  ...card(id),
  revision: 'main',
  commit: '989aa7980e4c989aa7980e4c989aa7980e4c989a',
  architectures: [],
  formats: ['safetensors'],
  files: [],
  page: `https://huggingface.co/${id}`,
  estimated_memory_bytes: 3.8e9,
  needs: [],
  needs_remote_code: false,
  has_code: false,
  engines: ['torch'],
  pickle: null,
  weights_revision: null,
  base: null,
  vocoder: null,
  safetensors_revision: null,
  has_chat_template: true,
  gguf: null,
  ...changes,
});

const option = (value: string, title: string, reason: string | null = null) => ({
  value,
  title,
  usable: reason === null,
  reason,
});

export const system = (changes: Partial<System> = {}): System => ({
  version: '0.1.0',
  exposure: {
    host: '127.0.0.1',
    hosts: ['localhost'],
    scope: 'loopback',
    api_key_required: false,
    message: null,
  },
  machine: {
    platform: 'Linux',
    cpu: 'AMD Ryzen 7 PRO',
    cores: 8,
    memory_bytes: 16e9,
    memory_free_bytes: 11e9,
    disk_bytes: 256e9,
    disk_free_bytes: 118e9,
    has_bfloat16: true,
    openvino_problem: null,
    llama_cpp_problem: null,
    accelerators: [],
  },
  runtimes: [{ name: 'local', title: 'Local', usable: true, reason: null }],
  options: {
    devices: [
      option('auto', 'Automatic'),
      option('cpu', 'CPU'),
      option('cuda', 'NVIDIA GPU', 'No NVIDIA driver found'),
    ],
    dtypes: [
      option('auto', 'Automatic'),
      option('float32', 'float32'),
      option('bfloat16', 'bfloat16'),
      option('float16', 'float16', 'This CPU has no native float16'),
    ],
    engines: [
      option('auto', 'Automatic'),
      option('torch', 'PyTorch'),
      option('onnxruntime', 'ONNX Runtime'),
    ],
    quantizations: [option('none', 'None'), option('int8', 'int8', 'Not available yet')],
  },
  memory_enforcement: 'cgroup2',
  limits: {
    max_model_size_gb: 10,
    max_memory_per_model_gb: 8,
    port_start: 8100,
    port_end: 8200,
  },
  extras: [],
  hub: { endpoint: 'https://huggingface.co', has_token: false, offline: false },
  versions: { torch: '2.9', transformers: '4.57' },
  ...changes,
});

export const loadTest = (changes: Partial<LoadTest> = {}): LoadTest => ({
  id: 'ldt_01JD8R',
  deployment_id: 'dep_01JD8Q',
  version: 1,
  state: 'completed',
  message: 'Completed.',
  concurrency: 8,
  seconds: 10,
  input: { kind: 'sample', count: 8, bytes: null },
  created_at: '2026-01-02T10:05:00Z',
  started_at: '2026-01-02T10:05:01Z',
  ended_at: '2026-01-02T10:05:11Z',
  progress: {
    elapsed_seconds: 5,
    requests: 4040,
    errors: 3,
    requests_per_second: 812,
    tokens_per_second: null,
  },
  result: {
    seconds: 10,
    requests: 8050,
    requests_per_second: 805,
    latency_ms: { p50: 9.8, p95: 15.2, p99: 21 },
    errors: { '429': 2, connection: 1 },
    first_error: '429 The queue is full.',
    streaming: null,
    batch_size: {
      mean: 3.2,
      batches: 2516,
      distribution: [
        { at_most: 1, batches: 629 },
        { at_most: 4, batches: 1887 },
      ],
    },
  },
  prepare: {
    engine: 'torch',
    dtype: 'float32',
    threads: 2,
    latency_ms: 1.2,
    group_latency_ms: 1.053,
    inputs_per_second: 950,
  },
  problem: null,
  ...changes,
});
