import classes from './DeploymentTable.module.css';

const WIDTH = 54;
const HEIGHT = 16;

/** The shape of the last minutes; the number beside it is the text. */
export function Sparkline({ values }: { values: readonly number[] }) {
  if (values.length < 2) return null;
  const top = Math.max(...values, 1e-9);
  const points = values
    .map((value, index) => {
      const x = (index / (values.length - 1)) * WIDTH;
      return `${x.toFixed(1)},${(HEIGHT - 2 - (value / top) * (HEIGHT - 4)).toFixed(1)}`;
    })
    .join(' ');
  return (
    <svg className={classes.spark} width={WIDTH} height={HEIGHT} aria-hidden="true">
      <polyline points={points} />
    </svg>
  );
}
