// What is asked for on standard input, signed by the vendors' libraries: see signers.sh.
import { readFileSync } from 'node:fs';
import twilio from 'twilio';
import XHubSignature from 'x-hub-signature';

const sign = {
  form: (one) => ({ url: one.url, signature: twilio.getExpectedTwilioSignature(one.key, one.url, one.params) }),
  json: (one) => {
    const url = `${one.url}?bodySHA256=${twilio.getExpectedBodyHash(one.body)}`;
    return { url, signature: twilio.getExpectedTwilioSignature(one.key, url, {}) };
  },
  hub: (one) => ({ signature: new XHubSignature(one.algorithm ?? 'sha256', one.key).sign(Buffer.from(one.body)) }),
  // Their own verdicts.
  judgeForm: (one) => twilio.validateRequest(one.key, one.signature, one.url, one.params),
  judgeHub: (one) => new XHubSignature('sha256', one.key).verify(one.signature, Buffer.from(one.body)),
};
const asked = JSON.parse(readFileSync(0, 'utf8'));
console.log(JSON.stringify(asked.map((one) => sign[one.kind](one))));
