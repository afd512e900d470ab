import type { Deployment, Task } from '@/api/types';
import type { Snippet } from '@/components/ui/CodePanel';
import { inferenceClientExample } from './inferenceClient';

/** What can be pasted, the shortest first. The server writes them; only InferenceClient's is ours. */
export function examplesOf(deployment: Deployment, task: Task | null): [Snippet, ...Snippet[]] {
  const usage = deployment.result?.usage_instructions;
  const client =
    usage === undefined
      ? null
      : inferenceClientExample({
          task: deployment.model?.task ?? '',
          endpoint: usage.endpoint,
          example: task?.example,
          wantsKey: usage.example_curl.includes('$API_KEY'),
        });
  const snippets: [Snippet, ...Snippet[]] = [
    { label: 'curl', language: 'bash', code: usage?.example_curl ?? '' },
    { label: 'Python', language: 'python', code: usage?.example_python ?? '' },
  ];
  if (client !== null) {
    snippets.push({ label: 'InferenceClient', language: 'python', code: client });
  }
  if (usage?.example_openai) {
    snippets.push({ label: 'OpenAI', language: 'python', code: usage.example_openai });
  }
  snippets.push({
    label: 'JavaScript',
    language: 'javascript',
    code: usage?.example_javascript ?? '',
  });
  return snippets;
}

/** The file that the examples of a media task send, so that they work where they are pasted. */
export function sampleFile(
  deployment: Deployment,
  task: Task | null,
): { name: string; href: string } | null {
  const name = /--data-binary @(\S+)/.exec(
    deployment.result?.usage_instructions.example_curl ?? '',
  )?.[1];
  const example = task?.example;
  if (name === undefined || typeof example !== 'string' || !example.startsWith('data:'))
    return null;
  return { name, href: example };
}
