import { screen } from '@testing-library/react';
import { HttpResponse, http } from 'msw';
import { expect, test } from 'vitest';
import { useSystem } from '@/api/queries';
import { problem, system } from '@/test/fixtures';
import { renderAt } from '@/test/render';
import { server } from '@/test/server';

const Version = () => <p>{useSystem().data?.version}</p>;

test('a server that requires a key prompts for it and continues; storing the key is optional', async () => {
  server.use(
    http.get('*/api/v1/system', ({ request }) =>
      request.headers.get('Authorization') === 'Bearer s3cret'
        ? HttpResponse.json(system())
        : HttpResponse.json(problem({ code: 'unauthorized', status: 401 }), { status: 401 }),
    ),
  );
  const { user } = renderAt(<Version />);
  await user.type(await screen.findByLabelText('API key'), 's3cret');
  await user.click(screen.getByLabelText('Remember the key until this tab is closed'));
  await user.click(screen.getByRole('button', { name: 'Use this key' }));
  expect(await screen.findByText('0.1.0')).toBeVisible();
  expect(sessionStorage.getItem('slipway-api-key')).toBe('s3cret');
  expect(localStorage.getItem('slipway-api-key')).toBeNull();
});
