/** Names for the API's shapes. Everything else imports them from here, never from the generated file. */

export type DeploymentState =
  | 'pending'
  | 'initializing'
  | 'running'
  | 'updating'
  | 'updateFailed'
  | 'paused'
  | 'scaledToZero'
  | 'failed'
  | 'cancelled'
  | 'deleted';
export type StepName = 'validate' | 'download' | 'dependencies' | 'prepare' | 'start' | 'verify';
export type StepState =
  | 'queued'
  | 'running'
  | 'stalled'
  | 'succeeded'
  | 'skipped'
  | 'failed'
  | 'cancelled';
export type Modality = 'nlp' | 'vision' | 'audio' | 'video' | 'multimodal' | 'tabular';
export type Source = 'hub' | 'starter' | 'local';
export type CardSource = Source | 'cached';

export interface FieldError {
  pointer: string;
  detail: string;
}

export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  instance: string | null;
  code: string;
  remedy: string;
  step: string | null;
  retryable: boolean;
  error: string;
  error_type: string;
  request_id: string | null;
  errors: FieldError[];
}

export interface StepProgress {
  name: StepName;
  title: string;
  state: StepState;
  percent: number;
  weight: number;
  estimate_seconds: number | null;
  elapsed_seconds: number | null;
  timeout_seconds: number;
  message: string;
}

export interface Progress {
  percent: number;
  current_step: StepName | null;
  completed_steps: number;
  total_steps: number;
  message: string;
  elapsed_seconds: number;
  eta_seconds: number | null;
  steps: StepProgress[];
}

export interface Hardware {
  runtime: 'local' | 'ray';
  device: string;
  dtype: 'auto' | 'float32' | 'bfloat16' | 'float16';
  quantization: string;
  engine: string;
  workers: number;
  threads: number | null;
  memory_limit_gb: number | null;
}

export interface Serving {
  port: number | null;
  max_batch_size: number | null;
  max_queue: number;
  idle_timeout_seconds: number | null;
  require_api_key: boolean | null;
  env: Record<string, string>;
}

export interface Allow {
  remote_code: boolean;
  pickle: boolean;
}

export interface DeploymentRequest {
  name: string | null;
  model_id: string;
  source: Source;
  revision: string;
  task: string | null;
  hardware: Hardware;
  dependencies: { extras: string[] };
  serving: Serving;
  allow: Allow;
}

/** What one sends: everything but `model_id` has a default at the server. */
export type DeploymentBody = { model_id: string } & Partial<
  Omit<DeploymentRequest, 'hardware' | 'serving' | 'dependencies' | 'allow'> & {
    hardware: Partial<Hardware>;
    serving: Partial<Serving>;
    dependencies: { extras: string[] };
    allow: Partial<Allow>;
  }
>;

export interface DeployedModel {
  id: string;
  source: Source;
  commit: string;
  task: string;
  type: Modality;
  parameters: number | null;
  bytes: number;
  license: string | null;
}

export interface Candidate {
  engine: string;
  device: string;
  dtype: string;
  threads: number;
  latency_ms: number | null;
  agreement: number | null;
  memory_bytes: number | null;
  chosen: boolean;
  reason: string;
}

export interface Receipt {
  engine: string;
  device: string;
  dtype: string;
  threads: number;
  speedup: number | null;
  agreement: number | null;
  candidates: Candidate[];
}

export interface Proof {
  input: unknown;
  output: unknown;
  latency_ms: number;
  at: string;
}

export interface MemoryUse {
  estimated_bytes: number | null;
  measured_bytes: number | null;
  peak_bytes: number | null;
  limit_bytes: number | null;
  enforcement: 'cgroup2' | 'cgroup1' | 'rlimit' | 'none';
}

export interface Result {
  usage_instructions: {
    description: string;
    endpoint: string;
    method: string;
    content_type: string;
    example_curl: string;
    example_python: string;
    example_javascript: string;
    test_ui_url: string;
  };
  model_info: { source: string; type: string; device: string; cache_location: string };
}

export interface Deployment {
  id: string;
  name: string;
  state: DeploymentState;
  message: string;
  progress: Progress;
  request: DeploymentRequest;
  model: DeployedModel | null;
  url: string | null;
  endpoint: string | null;
  port: number | null;
  receipt: Receipt | null;
  proof: Proof | null;
  memory: MemoryUse | null;
  result: Result | null;
  problem: Problem | null;
  version: number;
  generation: number;
  created_at: string;
  updated_at: string;
}

export type EventType =
  | 'step_started'
  | 'progress'
  | 'step_succeeded'
  | 'step_skipped'
  | 'stalled'
  | 'resumed'
  | 'retrying'
  | 'running'
  | 'failed'
  | 'cancelled'
  | 'state_changed'
  | 'heartbeat';

export interface DeploymentEvent {
  seq: number | null;
  at: string;
  type: EventType;
  subject: string;
  deployment_id: string;
  current_step: StepName | null;
  percent: number;
  completed_steps: number;
  total_steps: number;
  message: string;
  elapsed_seconds: number;
  details: Record<string, unknown>;
}

export type Verdict = 'fits' | 'tight' | 'does-not-fit' | 'unknown';

export interface Fit {
  verdict: Verdict;
  needed_bytes: number | null;
  free_bytes: number;
  reason: string;
}

export interface ModelCard {
  id: string;
  source: CardSource;
  title: string;
  task: string | null;
  type: Modality | null;
  description: string | null;
  parameters: number | null;
  download_bytes: number | null;
  license: string | null;
  gated: boolean;
  downloads: number | null;
  likes: number | null;
  updated_at: string | null;
  served: boolean;
  note: string | null;
  fit: Fit;
}

export interface ModelFile {
  path: string;
  bytes: number;
  sha256: string | null;
  git_sha1: string | null;
}

export interface ModelDetail extends ModelCard {
  revision: string;
  commit: string | null;
  architectures: string[];
  formats: string[];
  files: ModelFile[];
  page: string | null;
  estimated_memory_bytes: number | null;
  needs: string[];
  needs_remote_code: boolean;
  has_pickle_only: boolean;
  safetensors_revision: string | null;
  has_chat_template: boolean;
}

export interface PreflightItem {
  code: string;
  verdict: 'ok' | 'warn' | 'block';
  title: string;
  detail: string;
  remedy: string | null;
  problem_code: string | null;
}

export interface Preflight {
  verdict: 'ok' | 'warn' | 'block';
  items: PreflightItem[];
  expected_speed: string | null;
  download_bytes: number | null;
  estimated_memory_bytes: number | null;
}

export interface Accelerator {
  device: string;
  name: string;
  memory_bytes: number;
  free_bytes: number;
}

export interface Machine {
  platform: string;
  cpu: string;
  cores: number;
  memory_bytes: number;
  memory_free_bytes: number;
  disk_bytes: number;
  disk_free_bytes: number;
  has_bfloat16: boolean;
  accelerators: Accelerator[];
}

export interface Option {
  value: string;
  title: string;
  usable: boolean;
  reason: string | null;
}

export interface Extra {
  name: string;
  title: string;
  version: string | null;
  bytes: number | null;
  installed: boolean;
}

export interface System {
  version: string;
  exposure: {
    host: string;
    scope: 'loopback' | 'network';
    api_key_required: boolean;
    message: string | null;
  };
  machine: Machine;
  runtimes: { name: string; title: string; usable: boolean; reason: string | null }[];
  options: { devices: Option[]; dtypes: Option[]; engines: Option[]; quantizations: Option[] };
  memory_enforcement: 'cgroup2' | 'cgroup1' | 'rlimit' | 'none';
  limits: Record<string, number | string | null>;
  extras: Extra[];
  hub: { endpoint: string; has_token: boolean; offline: boolean };
  versions: Record<string, string>;
}

/** One task, served or not; what is not served has a reason and no schemas. */
export interface Task {
  name: string;
  title: string;
  summary: string | null;
  modality: Modality | null;
  /** What the body is. */
  input: string | null;
  aliases: string[];
  request: Record<string, unknown> | null;
  response: Record<string, unknown> | null;
  example: unknown;
  example_content_type: string | null;
  can_stream: boolean;
  served: boolean;
  reason: string | null;
}

export interface Page<T> {
  items: T[];
  next_cursor: string | null;
}

export interface CachedModel {
  source: Source;
  model_id: string;
  commits: string[];
  bytes: number;
  directory: string;
  freeable: boolean;
  used_by: string[];
}

export interface Latency {
  p50: number | null;
  p90: number | null;
  p95: number | null;
  p99: number | null;
}

/** What happened between two scrapes. */
export interface Moment {
  at: string;
  seconds: number;
  requests: Record<string, number>;
  latency_ms: Latency;
  queue_depth: number;
  in_flight: number;
  batch_size: number | null;
  memory_bytes: number | null;
}

export interface Series {
  window_seconds: number;
  interval_seconds: number;
  moments: Moment[];
  requests: Record<string, number>;
  requests_per_minute: number;
  latency_ms: Latency;
}
