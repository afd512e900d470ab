/** A conversation, as the server takes it and as the page shows it. */

export interface Message {
  role: 'user' | 'assistant';
  content: string;
  /** Below an answer: tokens, rate. */
  facts?: string;
}

interface Wire {
  role: string;
  content: string;
}

/** Instructions come first and only if there are any: some templates know no system role. */
export function wireOf(instructions: string, messages: readonly Message[]): Wire[] {
  const said = messages.map(({ role, content }) => ({ role, content }));
  const text = instructions.trim();
  return text === '' ? said : [{ role: 'system', content: text }, ...said];
}
