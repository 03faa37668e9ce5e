import type { X509Certificate } from '@peculiar/x509';
import type { ServerIdentity } from '../engines/postgres.ts';

/** The local stand-in for RDS's certificate authorities (User Guide, UsingWithRDS.SSL). */
export type Authority = {
  /** The authority's own certificate, PEM: what clients trust. */
  readonly certificate: string;
  /** A server certificate for exactly this name, as RDS certificates carry the instance's endpoint name. */
  issue(name: string): Promise<ServerIdentity>;
};

const algorithm = { name: 'ECDSA', namedCurve: 'P-256' } as const;
const signing = { name: 'ECDSA', hash: 'SHA-256' } as const;
const dayMs = 24 * 3_600_000;

/** Makes an authority with a key of its own, which never leaves this process. */
export const openAuthority = async (): Promise<Authority> => {
  const x509 = await loadX509();
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  // TLS goes by wall time, whatever the local clock was advanced to.
  const validity = () => ({ notBefore: new Date(Date.now() - dayMs), notAfter: new Date(Date.now() + 365 * dayMs) });
  const root: X509Certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=Mainstay local RDS authority',
    serialNumber: serialNumber(),
    ...validity(),
    keys,
    signingAlgorithm: signing,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
    ],
  });
  const authority = root.toString('pem');
  return {
    certificate: authority,
    issue: async (name) => {
      const own = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
      const certificate = await x509.X509CertificateGenerator.create({
        // A common name holds 64 characters, an endpoint's may be longer: clients go by the alternative name.
        subject: 'CN=RDS instance',
        issuer: root.subject,
        serialNumber: serialNumber(),
        ...validity(),
        publicKey: own.publicKey,
        signingKey: keys.privateKey,
        signingAlgorithm: signing,
        extensions: [
          new x509.BasicConstraintsExtension(false, undefined, true),
          new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
          new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: name }]),
        ],
      });
      const key = x509.PemConverter.encode(await crypto.subtle.exportKey('pkcs8', own.privateKey), 'PRIVATE KEY');
      return { name, certificate: certificate.toString('pem'), key: `${key}\n`, authority };
    },
  };
};

/**
 * @peculiar/x509 brings a container that refuses to load without the metadata API of decorators, and never finds any metadata
 * in it: an API that knows nothing is all it needs.
 */
const loadX509 = (): Promise<typeof import('@peculiar/x509')> => {
  const api = Reflect as { getMetadata?: unknown; getOwnMetadata?: unknown };
  api.getMetadata ??= () => undefined;
  api.getOwnMetadata ??= () => undefined;
  return import('@peculiar/x509');
};

const serialNumber = (): string => `01${Buffer.from(crypto.getRandomValues(new Uint8Array(8))).toString('hex')}`;
