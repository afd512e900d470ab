import { screen } from '@testing-library/react';
import { expect, test } from 'vitest';
import { renderAt } from '@/test/render';
import { CopyButton } from './CopyButton';

test('it shows and announces "Copied", and copies the whole value', async () => {
  const { user } = renderAt(
    <CopyButton value="http://localhost:8100/predict" what="endpoint" label="Copy" />,
  );
  await user.click(screen.getByRole('button', { name: 'Copy endpoint' }));
  expect(await screen.findByText('Copied endpoint')).toHaveRole('status');
  expect(screen.getByRole('button', { name: 'Copied' })).toBeVisible();
  expect(await navigator.clipboard.readText()).toBe('http://localhost:8100/predict');
});
