import { buildBundles, cleanBundles } from './bundle.ts';

// npm run build [STAGE]: dist/ from nothing, and each bundle's size.
await cleanBundles();
const { outputs } = await buildBundles(process.argv[2] ?? 'local');
for (const [path, { bytes }] of Object.entries(outputs)) {
  if (path.endsWith('.js')) console.log(`${(bytes / 1024).toFixed(0).padStart(6)} KB  ${path}`);
}
