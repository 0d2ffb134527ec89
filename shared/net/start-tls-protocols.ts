/** Protocols that begin in plain text and agree on TLS. Apart from how they do, which is loaded where it is needed. */
export const START_TLS = ["smtp", "imap", "pop3", "ftp", "ldap", "postgres", "mysql"] as const;
export type StartTls = (typeof START_TLS)[number];
