import { Card } from '@mantine/core';
import type { Candidate, Receipt } from '@/api/types';
import { cx } from '@/components/ui/cx';
import { formatMs, formatPercent } from '@/lib/format';
import classes from './ReceiptCard.module.css';
import { candidateName, conversionNote, latencyShare, mergeNote, receiptNote } from './receipt';

/** What prepare chose, with the losing candidates and why the fastest was not taken. */
export function ReceiptCard({ receipt }: { receipt: Receipt }) {
  const { candidates, speedup, agreement } = receipt;
  const isMeasured = candidates.some((one) => one.latency_ms !== null);
  const note = receiptNote(receipt);
  const conversion = conversionNote(receipt);
  const merge = mergeNote(receipt);
  return (
    <Card>
      <div className={classes.head}>
        <h2 className={classes.title}>Receipt</h2>
        <span className={classes.dim}>
          {isMeasured ? 'measured on this machine' : 'chosen without measurement'}
        </span>
      </div>
      {speedup !== null || agreement !== null ? (
        <div className={classes.numbers}>
          {speedup === null ? null : (
            <Display value={speedup.toFixed(1)} unit="×" term="faster than plain float32" />
          )}
          {agreement === null ? null : (
            <Display
              value={formatPercent(agreement).replace('%', '')}
              unit="%"
              term={`same output as ${candidates[0]?.dtype}`}
            />
          )}
        </div>
      ) : null}
      {candidates.length === 0 ? null : <Candidates all={candidates} isMeasured={isMeasured} />}
      {note === null ? null : <p className={classes.note}>{note}</p>}
      {merge === null ? null : <p className={classes.note}>{merge}</p>}
      {conversion === null ? null : <p className={classes.note}>{conversion}</p>}
    </Card>
  );
}

function Display({ value, unit, term }: { value: string; unit: string; term: string }) {
  return (
    <div>
      <p className={classes.value}>
        {value}
        <span className={classes.unit}>{unit}</span>
      </p>
      <p className={classes.term}>{term}</p>
    </div>
  );
}

function Candidates({ all, isMeasured }: { all: readonly Candidate[]; isMeasured: boolean }) {
  return (
    <table className={classes.table}>
      <thead>
        <tr>
          <th scope="col">Candidate</th>
          <th scope="col" colSpan={2} className={classes.right}>
            {isMeasured ? 'Time per request' : 'Choice'}
          </th>
          {isMeasured ? (
            <th scope="col" className={classes.right}>
              Match with {all[0]?.dtype}
            </th>
          ) : null}
        </tr>
      </thead>
      <tbody>
        {all.map((one) => (
          <tr
            key={candidateKey(one)}
            className={cx(one.chosen && classes.chosen)}
            title={one.reason}
          >
            <th scope="row">{candidateName(one, all)}</th>
            {isMeasured ? (
              <Measured one={one} all={all} />
            ) : (
              <td colSpan={2} className={classes.right}>
                {one.chosen ? 'taken' : one.reason}
              </td>
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const candidateKey = ({ engine, device, dtype, packs_weights, threads }: Candidate): string =>
  [engine, device, dtype, packs_weights, threads].join(' ');

function Measured({ one, all }: { one: Candidate; all: readonly Candidate[] }) {
  const share = latencyShare(one, all);
  return (
    <>
      <td className={classes.barCell}>
        {share === null ? null : (
          <span className={classes.track}>
            <span className={classes.bar} style={{ width: `${share * 100}%` }} />
          </span>
        )}
      </td>
      <td className={classes.right}>{one.latency_ms === null ? '–' : formatMs(one.latency_ms)}</td>
      <td className={classes.right}>
        {one.agreement === null ? '–' : formatPercent(one.agreement)}
      </td>
    </>
  );
}
