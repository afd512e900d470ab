import { expect, test } from 'vitest';
import { readImage, readMasks } from './shapes';

test('only base64 becomes an image URL', () => {
  const mask = (text: string) => readMasks([{ label: 'sky', score: 1, mask: text }]);
  expect(mask('iVBORw0=')?.[0]?.url).toBe('data:image/png;base64,iVBORw0=');
  expect(mask('AA"); background: url("//elsewhere')).toBeNull();
  expect(readImage({ depth: 'data:image/png;base64,AAAA' }, 'depth')).toMatch(/AAAA$/);
  expect(readImage({ depth: 'data:text/html,x' }, 'depth')).toBeNull();
});

test('an unnamed part is identified by its index', () => {
  const masks = readMasks([
    { mask: 'AA==', score: 0.9 },
    { mask: 'AA==', label: 'cat' },
  ]);
  expect(masks?.map(({ label, score }) => [label, score])).toEqual([
    ['part 1', 0.9],
    ['cat', 1],
  ]);
  expect(readMasks([{ label: 'cat' }])).toBeNull();
});
