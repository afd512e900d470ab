import { Home } from '@/features/dashboard/Home';

export const Component = Home;
