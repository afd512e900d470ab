import { ModelsPage } from '@/features/dashboard/models/ModelsPage';

export const Component = ModelsPage;
