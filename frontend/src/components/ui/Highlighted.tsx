import classes from './CodePanel.module.css';
import { type Language, tokenize } from './highlight';

export default function Highlighted({ code, language }: { code: string; language: Language }) {
  let offset = 0;
  return tokenize(code, language).map(({ kind, text }) => {
    const key = offset;
    offset += text.length;
    return kind === 'plain' ? (
      text
    ) : (
      <span key={key} className={classes[kind]}>
        {text}
      </span>
    );
  });
}
