import { createCipheriv, createDecipheriv, createHash, createHmac, randomBytes } from "node:crypto";

/** Encrypts single values of a target's configuration, so that who reads the table or a backup of it reads no secret. */
export interface FieldCipher {
  encrypt(text: string): string;
  /** Text that {@link FieldCipher.encrypt} made becomes what it was; other text was stored before there was a key, and stays. */
  decrypt(text: string): string;
  /** Says whether two plain texts are the same, to who has no key: tells nothing else of them. */
  digest(text: string): string;
}

const PREFIX = "enc1:";
const IV_BYTES = 12;
const TAG_BYTES = 16;
/** 96 bits: enough that two texts do not meet, too few to be a hash worth attacking without the key. */
const DIGEST_CHARACTERS = 16;

/** AES-256-GCM. @param secret of 32 characters or more; the key is its SHA-256 */
export function createFieldCipher(secret: string): FieldCipher {
  const key = createHash("sha256").update(secret).digest();
  const digestKey = createHmac("sha256", key).update("digests of secrets").digest();
  return {
    encrypt(text) {
      const iv = randomBytes(IV_BYTES);
      const cipher = createCipheriv("aes-256-gcm", key, iv);
      const encrypted = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
      return PREFIX + Buffer.concat([iv, cipher.getAuthTag(), encrypted]).toString("base64url");
    },

    decrypt(text) {
      if (!text.startsWith(PREFIX)) return text;
      const bytes = Buffer.from(text.slice(PREFIX.length), "base64url");
      const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, IV_BYTES));
      decipher.setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
      return Buffer.concat([decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]).toString("utf8");
    },

    digest: (text) => createHmac("sha256", digestKey).update(text).digest("base64url").slice(0, DIGEST_CHARACTERS),
  };
}
