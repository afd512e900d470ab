import type { ComponentType, ReactNode } from 'react';
import type { Deployment } from '@/api/types';

/** What the app hands to the deployment page from other features. */
export interface Parts {
  /** The playground tab. */
  playground: ReactNode;
  /** Examples, proof, receipt and what was deployed, as the success page shows them. */
  Evidence: ComponentType<{ deployment: Deployment; children: ReactNode }>;
}
