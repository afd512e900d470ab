/** A small tokenizer for the dark panel: enough for JSON, shell, Python and JavaScript, and only spans of text. */

export type Language = 'json' | 'bash' | 'python' | 'javascript' | 'text';
export type TokenKind = 'plain' | 'string' | 'key' | 'number' | 'comment' | 'keyword';
export interface Token {
  kind: TokenKind;
  text: string;
}

const STRING = String.raw`"(?:\\[\s\S]|[^"\\])*"|'(?:\\[\s\S]|[^'\\])*'`;
const NUMBER = String.raw`(?<![\w.])-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])`;

const PY_WORDS =
  'import|from|as|def|return|with|for|in|if|else|print|await|async|None|True|False|open';
const JS_WORDS =
  'import|from|const|let|await|async|return|new|for|of|if|else|null|true|false|function';

const GRAMMAR: Record<Exclude<Language, 'text'>, RegExp> = {
  json: new RegExp(
    `(?<key>"(?:\\\\.|[^"\\\\])*"(?=\\s*:))|(?<string>${STRING})|(?<number>${NUMBER}|\\b(?:true|false|null)\\b)`,
    'g',
  ),
  bash: /(?<comment>(?<=^|\s)#.*)|(?<string>'[^']*'|"(?:\\[\s\S]|[^"\\])*")/gm,
  python: new RegExp(
    `(?<comment>#.*)|(?<string>"""[\\s\\S]*?"""|${STRING})|(?<key>\\b(?:${PY_WORDS})\\b)|(?<number>${NUMBER})`,
    'g',
  ),
  javascript: new RegExp(
    `(?<comment>//.*)|(?<string>\`(?:\\\\[\\s\\S]|[^\`\\\\])*\`|${STRING})|(?<key>\\b(?:${JS_WORDS})\\b)|(?<number>${NUMBER})`,
    'g',
  ),
};

const KINDS: readonly TokenKind[] = ['key', 'string', 'number', 'comment', 'keyword'];

export function tokenize(code: string, language: Language): Token[] {
  if (language === 'text') return [{ kind: 'plain', text: code }];
  const tokens: Token[] = [];
  let at = 0;
  for (const match of code.matchAll(GRAMMAR[language])) {
    if (match.index > at) tokens.push({ kind: 'plain', text: code.slice(at, match.index) });
    const kind = KINDS.find((one) => match.groups?.[one] !== undefined) ?? 'plain';
    tokens.push({ kind, text: match[0] });
    at = match.index + match[0].length;
  }
  if (at < code.length) tokens.push({ kind: 'plain', text: code.slice(at) });
  return tokens;
}
