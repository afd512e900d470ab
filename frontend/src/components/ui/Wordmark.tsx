import { Link } from 'react-router';
import classes from './Wordmark.module.css';

/** mark.svg, drawn with the scheme's own colours. */
function Mark() {
  return (
    <svg width="26" height="26" viewBox="0 0 28 28" fill="none" aria-hidden="true">
      <g transform="rotate(13 2 16)">
        <path
          d="M3.7 9.4H25.2c.8 0 1.2.8.8 1.5L23.6 14.8c-.3.5-.8.8-1.4.8H7c-.7 0-1.3-.4-1.5-1.1L2.8 10.7C2.5 10.1 2.9 9.4 3.7 9.4Z"
          fill="var(--sw-accent)"
        />
        <path
          d="M8.3 9V6.2c0-.4.3-.7.7-.7h5.8c.4 0 .7.3.7.7V9"
          stroke="var(--sw-accent)"
          strokeWidth="1.9"
        />
        <path d="M1.8 18.8H19.2" stroke="var(--sw-text)" strokeWidth="2.2" strokeLinecap="round" />
      </g>
      <path
        d="M19.4 25.2c1.2-1.5 2.3-1.5 3.5 0s2.3 1.5 3.5 0"
        stroke="var(--sw-accent)"
        strokeWidth="1.9"
        strokeLinecap="round"
      />
    </svg>
  );
}

export function Wordmark() {
  return (
    <Link to="/" className={classes.mark ?? ''} aria-label="Slipway: go to Deployments">
      <Mark />
      slipway
    </Link>
  );
}
