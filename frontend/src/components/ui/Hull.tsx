/** hull.svg in the colour of its place. */
export function Hull({
  width = 46,
  className,
}: {
  width?: number;
  className?: string | undefined;
}) {
  return (
    <svg
      className={className}
      width={width}
      height={(width * 19) / 46}
      viewBox="0 0 46 19"
      fill="none"
      aria-hidden="true"
    >
      <path
        d="M2.2 8.5H43.8c.8 0 1.2.8.8 1.5L39.3 17.7c-.4.6-1 .9-1.7.9H8c-.9 0-1.7-.5-2-1.3L1.3 9.9c-.3-.7.1-1.4.9-1.4Z"
        fill="currentColor"
      />
      <path
        d="M9 8.5V4.6c0-.6.4-1 1-1h9c.6 0 1 .4 1 1v3.9"
        stroke="currentColor"
        strokeWidth="1.8"
      />
      <path d="M14.5 3.5V.9" stroke="currentColor" strokeWidth="1.8" strokeLinecap="round" />
    </svg>
  );
}
