import { setupServer } from 'msw/node';

/** Each test says with `server.use(...)` what the API answers; anything else is an error. */
export const server = setupServer();
