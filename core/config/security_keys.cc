// Broker keys of authentication, encryption and authorization.
#include "config/table.h"

namespace gregor::config {
namespace {

using enum Type;
using enum Importance;
using enum UpdateMode;
using enum Support;

// name, type, default, valid, importance, update mode, support, synonyms, list rule, internal, reason
// clang-format off
constexpr Key kSecurityKeys[] = {
    {"authorizer.class.name", string, "", checked_as(Valid::Kind::not_null), low, read_only, refused, {}, kAnyList, false, "authorization is not built"},
    {"connection.failed.authentication.delay.ms", int32, "100", at_least(0), low, read_only, accepted},
    {"connections.max.reauth.ms", int64, "0", any(), medium, read_only, accepted},
    {"delegation.token.expiry.check.interval.ms", int64, "3600000", at_least(1), low, read_only, accepted},
    {"delegation.token.expiry.time.ms", int64, "86400000", at_least(1), medium, read_only, accepted},
    {"delegation.token.max.lifetime.ms", int64, "604800000", at_least(1), medium, read_only, accepted},
    {"delegation.token.secret.key", password, nullptr, any(), medium, read_only, accepted},
    {"principal.builder.class", class_name, "org.apache.kafka.common.security.authenticator.DefaultKafkaPrincipalBuilder", any(), medium, per_broker, refused, {}, kAnyList, false, "classes of Java cannot be loaded"},
    {"sasl.client.callback.handler.class", class_name, nullptr, any(), medium, read_only, accepted},
    {"sasl.enabled.mechanisms", list, "GSSAPI", any(), medium, per_broker, accepted, {}, kDistinct},
    {"sasl.jaas.config", password, nullptr, any(), medium, per_broker, accepted},
    {"sasl.kerberos.kinit.cmd", string, "/usr/bin/kinit", any(), medium, per_broker, accepted},
    {"sasl.kerberos.min.time.before.relogin", int64, "60000", any(), medium, per_broker, accepted},
    {"sasl.kerberos.principal.to.local.rules", list, "DEFAULT", any(), medium, per_broker, accepted, {}, kDistinct},
    {"sasl.kerberos.service.name", string, nullptr, any(), medium, per_broker, accepted},
    {"sasl.kerberos.ticket.renew.jitter", real, "0.05", any(), medium, per_broker, accepted},
    {"sasl.kerberos.ticket.renew.window.factor", real, "0.8", any(), medium, per_broker, accepted},
    {"sasl.login.callback.handler.class", class_name, nullptr, any(), medium, read_only, accepted},
    {"sasl.login.class", class_name, nullptr, any(), medium, read_only, accepted},
    {"sasl.login.connect.timeout.ms", int32, nullptr, any(), low, read_only, accepted},
    {"sasl.login.read.timeout.ms", int32, nullptr, any(), low, read_only, accepted},
    {"sasl.login.refresh.buffer.seconds", int16, "300", any(), medium, per_broker, accepted},
    {"sasl.login.refresh.min.period.seconds", int16, "60", any(), medium, per_broker, accepted},
    {"sasl.login.refresh.window.factor", real, "0.8", any(), medium, per_broker, accepted},
    {"sasl.login.refresh.window.jitter", real, "0.05", any(), medium, per_broker, accepted},
    {"sasl.login.retry.backoff.max.ms", int64, "10000", any(), low, read_only, accepted},
    {"sasl.login.retry.backoff.ms", int64, "100", any(), low, read_only, accepted},
    {"sasl.mechanism.controller.protocol", string, "GSSAPI", any(), high, read_only, accepted},
    {"sasl.mechanism.inter.broker.protocol", string, "GSSAPI", any(), medium, per_broker, accepted},
    {"sasl.oauthbearer.assertion.algorithm", string, "RS256", one_of_any_case("ES256, RS256"), medium, read_only, accepted},
    {"sasl.oauthbearer.assertion.claim.aud", string, nullptr, any(), medium, read_only, accepted},
    {"sasl.oauthbearer.assertion.claim.exp.seconds", int32, "300", between(0, 86400), low, read_only, accepted},
    {"sasl.oauthbearer.assertion.claim.iss", string, nullptr, any(), medium, read_only, accepted},
    {"sasl.oauthbearer.assertion.claim.jti.include", boolean, "false", any(), medium, read_only, accepted},
    {"sasl.oauthbearer.assertion.claim.nbf.seconds", int32, "60", between(0, 3600), low, read_only, accepted},
    {"sasl.oauthbearer.assertion.claim.sub", string, nullptr, any(), medium, read_only, accepted},
    {"sasl.oauthbearer.assertion.file", string, nullptr, any(), medium, read_only, accepted},
    {"sasl.oauthbearer.assertion.private.key.file", string, nullptr, any(), medium, read_only, accepted},
    {"sasl.oauthbearer.assertion.private.key.passphrase", password, nullptr, any(), medium, read_only, accepted},
    {"sasl.oauthbearer.assertion.template.file", string, nullptr, any(), medium, read_only, accepted},
    {"sasl.oauthbearer.client.credentials.client.id", string, nullptr, any(), medium, read_only, accepted},
    {"sasl.oauthbearer.client.credentials.client.secret", password, nullptr, any(), medium, read_only, accepted},
    {"sasl.oauthbearer.clock.skew.seconds", int32, "30", any(), low, read_only, accepted},
    {"sasl.oauthbearer.expected.audience", list, "", any(), high, read_only, accepted, {}, kDistinct},
    {"sasl.oauthbearer.expected.issuer", string, nullptr, any(), high, read_only, accepted},
    {"sasl.oauthbearer.jwks.endpoint.refresh.ms", int64, "3600000", any(), low, read_only, accepted},
    {"sasl.oauthbearer.jwks.endpoint.retry.backoff.max.ms", int64, "10000", any(), low, read_only, accepted},
    {"sasl.oauthbearer.jwks.endpoint.retry.backoff.ms", int64, "100", any(), low, read_only, accepted},
    {"sasl.oauthbearer.jwks.endpoint.url", string, nullptr, any(), medium, read_only, accepted},
    {"sasl.oauthbearer.jwt.retriever.class", class_name, "org.apache.kafka.common.security.oauthbearer.DefaultJwtRetriever", any(), medium, read_only, accepted},
    {"sasl.oauthbearer.jwt.validator.class", class_name, "org.apache.kafka.common.security.oauthbearer.DefaultJwtValidator", any(), medium, read_only, accepted},
    {"sasl.oauthbearer.scope", string, nullptr, any(), medium, read_only, accepted},
    {"sasl.oauthbearer.scope.claim.name", string, "scope", any(), low, read_only, accepted},
    {"sasl.oauthbearer.sub.claim.name", string, "sub", any(), low, read_only, accepted},
    {"sasl.oauthbearer.token.endpoint.url", string, nullptr, any(), medium, read_only, accepted},
    {"sasl.server.callback.handler.class", class_name, nullptr, any(), medium, read_only, accepted},
    {"sasl.server.max.receive.size", int32, "524288", any(), medium, read_only, accepted},
    {"security.inter.broker.protocol", string, "PLAINTEXT", one_of("PLAINTEXT, SSL, SASL_PLAINTEXT, SASL_SSL"), medium, read_only, refused, {}, kAnyList, false, "TLS and SASL are not built"},
    {"security.providers", string, nullptr, any(), low, read_only, accepted},
    {"ssl.allow.dn.changes", boolean, "false", any(), low, read_only, accepted},
    {"ssl.allow.san.changes", boolean, "false", any(), low, read_only, accepted},
    {"ssl.cipher.suites", list, "", any(), medium, per_broker, accepted, {}, kDistinct},
    {"ssl.client.auth", string, "none", one_of("required, requested, none"), medium, per_broker, accepted},
    {"ssl.enabled.protocols", list, "TLSv1.2,TLSv1.3", any(), medium, per_broker, accepted, {}, kDistinct},
    {"ssl.endpoint.identification.algorithm", string, "https", any(), low, per_broker, accepted},
    {"ssl.engine.factory.class", class_name, nullptr, any(), low, per_broker, accepted},
    {"ssl.key.password", password, nullptr, any(), medium, per_broker, accepted},
    {"ssl.keymanager.algorithm", string, "SunX509", any(), medium, per_broker, accepted},
    {"ssl.keystore.certificate.chain", password, nullptr, any(), medium, per_broker, accepted},
    {"ssl.keystore.key", password, nullptr, any(), medium, per_broker, accepted},
    {"ssl.keystore.location", string, nullptr, any(), medium, per_broker, accepted},
    {"ssl.keystore.password", password, nullptr, any(), medium, per_broker, accepted},
    {"ssl.keystore.type", string, "JKS", any(), medium, per_broker, accepted},
    {"ssl.principal.mapping.rules", string, "DEFAULT", any(), low, read_only, accepted},
    {"ssl.protocol", string, "TLSv1.3", any(), medium, per_broker, accepted},
    {"ssl.provider", string, nullptr, any(), medium, per_broker, accepted},
    {"ssl.secure.random.implementation", string, nullptr, any(), low, per_broker, accepted},
    {"ssl.trustmanager.algorithm", string, "PKIX", any(), medium, per_broker, accepted},
    {"ssl.truststore.certificates", password, nullptr, any(), medium, per_broker, accepted},
    {"ssl.truststore.location", string, nullptr, any(), medium, per_broker, accepted},
    {"ssl.truststore.password", password, nullptr, any(), medium, per_broker, accepted},
    {"ssl.truststore.type", string, "JKS", any(), medium, per_broker, accepted},
};
// clang-format on

}  // namespace

KeyTable security_keys() {
  return kSecurityKeys;
}

}  // namespace gregor::config
