import { expect, test } from 'vitest';
import { columnsOf, gridOf, textOf } from './csv';

test('converts a pasted table to columns and back', () => {
  const grid = gridOf('name\tstars\nhull\t3\n\nramp\t5');
  expect(columnsOf(grid)).toEqual({ name: ['hull', 'ramp'], stars: ['3', '5'] });
  expect(columnsOf(gridOf(textOf(columnsOf(grid))))).toEqual(columnsOf(grid));
});

test('short rows are padded and long rows are truncated', () => {
  expect(gridOf('a,b\n1\n1,2,3').rows).toEqual([
    ['1', ''],
    ['1', '2'],
  ]);
});
