/** Names for the API's shapes. Everything else imports them from here, never from the generated file. */
import type { components } from './schema';

type Schemas = components['schemas'];

/** An answer always carries every field; only in a request may those with a default be left out. */
type Whole<T> = T extends readonly (infer Item)[]
  ? Whole<Item>[]
  : T extends object
    ? { [Name in keyof T]-?: Whole<Exclude<T[Name], undefined>> }
    : T;

export type DeploymentState = Schemas['State'];
export type StepProgress = Whole<Schemas['StepProgress']>;
export type StepName = StepProgress['name'];
export type StepState = StepProgress['state'];
export type Progress = Whole<Schemas['Progress']>;
export type DeployedModel = Whole<Schemas['DeployedModel']>;
export type Modality = DeployedModel['type'];
export type Deployment = Whole<Schemas['Deployment']>;
export type DeploymentRequest = Whole<Schemas['DeploymentRequest']>;
/** What one sends: everything but `model_id` has a default at the server. */
export type DeploymentBody = Schemas['DeploymentRequest'];
export type Source = DeploymentRequest['source'];
export type Hardware = DeploymentRequest['hardware'];
export type Serving = DeploymentRequest['serving'];
export type Allow = DeploymentRequest['allow'];
export type Candidate = Whole<Schemas['Candidate']>;
export type Receipt = Whole<Schemas['Receipt']>;
export type Proof = Whole<Schemas['Proof']>;
export type MemoryUse = Whole<Schemas['MemoryUse']>;
export type Result = Whole<Schemas['Result']>;
export type FieldError = Schemas['FieldError'];
export type Problem = Whole<Schemas['Problem']>;

/** Of an attempt; its step is one of the six. */
export type DeploymentEvent = Omit<Whole<Schemas['Event']>, 'current_step'> & {
  current_step: StepName | null;
};
export type EventType = DeploymentEvent['type'];

export type Fit = Whole<Schemas['Fit']>;
export type Verdict = Fit['verdict'];
export type ModelCard = Whole<Schemas['ModelCard']>;
export type CardSource = ModelCard['source'];
export type ModelFile = Whole<Schemas['ModelFile']>;
export type ModelDetail = Whole<Schemas['ModelDetail']>;
export type ModelPage = Whole<Schemas['ModelPage']>;
export type CachedModel = Whole<Schemas['CacheItem']>;
/** What the cache holds, its size, and the free disk space; all in bytes. */
export type CachePage = Whole<Schemas['CachePage']>;
export type Preflight = Whole<Schemas['Preflight']>;
export type PreflightItem = Whole<Schemas['PreflightItem']>;

export type Accelerator = Whole<Schemas['Accelerator']>;
export type Machine = Whole<Schemas['Machine']>;
export type Option = Whole<Schemas['Option']>;
export type Extra = Whole<Schemas['Extra']>;
export type System = Whole<Schemas['System']>;
/** One task, served or not; what is not served has a reason and no schemas. */
export type Task = Whole<Schemas['TaskRow']>;

export type Latency = Whole<Schemas['Latency']>;
/** What happened between two scrapes. */
export type Moment = Whole<Schemas['Moment']>;
export type Series = Whole<Schemas['Series']>;

export type LoadTest = Whole<Schemas['LoadTest']>;
export type LoadTestState = LoadTest['state'];
export type LoadTestResult = Whole<Schemas['LoadTestResult']>;
/** What one sends; everything has a default at the server. */
export type LoadTestBody = Schemas['LoadTestRequest'];

export interface Page<T> {
  items: T[];
  next_cursor: string | null;
}
