import { HttpResponse, http } from 'msw';
import { setupServer } from 'msw/node';

/**
 * Each test says with `server.use(...)` what the API answers; anything else is an error, except the
 * warm-up that the wizard asks for when it opens.
 */
export const server = setupServer(
  http.post('*/api/v1/system/warm-up', () => new HttpResponse(null, { status: 202 })),
);
