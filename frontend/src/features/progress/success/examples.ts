import type { Deployment, Task } from '@/api/types';
import type { Snippet } from '@/components/ui/CodePanel';

/** What can be pasted, as the server wrote it; clients stand where the task has them. */
export function examplesOf(deployment: Deployment): [Snippet, ...Snippet[]] {
  const usage = deployment.result?.usage_instructions;
  const clients = [
    { label: 'InferenceClient', code: usage?.example_inference_client },
    { label: 'OpenAI', code: usage?.example_openai },
  ];
  return [
    { label: 'curl', language: 'bash', code: usage?.example_curl ?? '' },
    { label: 'Python', language: 'python', code: usage?.example_python ?? '' },
    ...clients.flatMap(({ label, code }) =>
      code ? [{ label, code, language: 'python' as const }] : [],
    ),
    { label: 'JavaScript', language: 'javascript', code: usage?.example_javascript ?? '' },
  ];
}

export interface SampleFile {
  name: string;
  href: string;
}

const NAMED = /(?:--data-binary @|base64 < )([\w.-]+\.\w+)/g;
// A text of more than this in an example is a file in base64; its sentences are shorter.
const SHORTEST_FILE = 400;

/** The files that the examples read, so that they work where they are pasted. */
export function sampleFiles(deployment: Deployment, task: Task | null): SampleFile[] {
  const command = deployment.result?.usage_instructions.example_curl ?? '';
  const names = [...new Set([...command.matchAll(NAMED)].map(([, name]) => name ?? ''))];
  const packed = [...new Set(textsIn(task?.example))].filter((text) => text.length > SHORTEST_FILE);
  return names.flatMap((name, index) => {
    const text = packed[index];
    return text === undefined ? [] : [{ name, href: asUrl(text) }];
  });
}

const asUrl = (text: string): string =>
  text.startsWith('data:') ? text : `data:application/octet-stream;base64,${text}`;

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(textsIn);
}
