import { Hull } from '@/components/ui/Hull';
import classes from './EmptyHome.module.css';

const POSTS = [60, 180, 300, 420, 540] as const;
const SLOPE = 42 / 641;

/** The slipway with the hull still on land. */
export function EmptyRamp() {
  return (
    <div className={classes.ramp}>
      <svg viewBox="0 0 880 92" preserveAspectRatio="xMinYMid meet" fill="none" aria-hidden="true">
        {POSTS.map((x) => (
          <path key={x} d={`M${x} ${34 + x * SLOPE}V88`} className={classes.post} />
        ))}
        <path d="M3 31L641 73" className={classes.plank} />
        <path
          d="M667 82c9-9 18-9 27 0s18 9 27 0 18-9 27 0 18 9 27 0 18-9 27 0 18 9 27 0 18-9 27 0"
          className={classes.water}
        />
        <g transform={`translate(66 0) rotate(${(Math.atan(SLOPE) * 180) / Math.PI} 41 33)`}>
          <Hull width={82} className={classes.hull} />
        </g>
      </svg>
    </div>
  );
}
