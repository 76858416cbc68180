#include "TLSProblem.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <memory>

namespace wire {

namespace {

struct FreeNames {
    void operator()(GENERAL_NAMES* names) const { GENERAL_NAMES_free(names); }
};

constexpr size_t maxNamesLength = 300;

std::string addressText(const ASN1_OCTET_STRING* address) {
    const unsigned char* bytes = ASN1_STRING_get0_data(address);
    int size = ASN1_STRING_length(address);
    std::string text;
    char part[8];
    for (int i = 0; i < size; i += size == 4 ? 1 : 2) {
        if (size == 4) {
            snprintf(part, sizeof part, "%s%d", i ? "." : "", bytes[i]);
        } else {
            snprintf(part, sizeof part, "%s%x", i ? ":" : "", i + 1 < size ? bytes[i] << 8 | bytes[i + 1] : bytes[i]);
        }
        text += part;
    }
    return text;
}

std::string certificateProblem(const std::string& host, const std::string& names, long code) {
    std::string whose = host.empty() ? "the caller's certificate" : "the certificate of the peer";
    switch (code) {
    case X509_V_ERR_CERT_HAS_EXPIRED: return whose + " has expired";
    case X509_V_ERR_CERT_NOT_YET_VALID: return whose + " is not valid yet: look at the clocks of both hosts";
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH: return whose + " is not for " + host + " but for " + names;
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN: return whose + " is signed by no authority that is known here";
    case X509_V_ERR_INVALID_PURPOSE:
        return whose + " is not made for this: its extendedKeyUsage must have serverAuth and clientAuth, or be absent";
    default: return whose + " is not accepted: " + X509_verify_cert_error_string(code);
    }
}

/// An alert of the peer, by its number (RFC 8446, 6).
std::string alertProblem(int alert) {
    switch (alert) {
    case 40: return "the peer refused the handshake: no cipher or version in common, or it wants a certificate";
    case 42: return "the peer refused this side's certificate as bad";
    case 43: return "the peer refused this side's certificate: it is not made for calling";
    case 45: return "the peer refused this side's certificate: it has expired";
    case 46: return "the peer refused this side's certificate";
    case 48: return "the peer refused this side's certificate: it knows no authority that signed it";
    case 70: return "the peer wants another version of TLS (1.2 at least is spoken here), or none";
    case 116: return "the peer wants a certificate of this side, and there is none";
    default: return "the peer ended TLS with alert " + std::to_string(alert);
    }
}

constexpr int alertOffset = 1000;

}  // namespace

/// What a peer sends is shown as printable ASCII alone.
std::string namesOf(X509* certificate) {
    std::unique_ptr<GENERAL_NAMES, FreeNames> names(
        static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
    std::string text;
    for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()) && text.size() < maxNamesLength; i++) {
        const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
        std::string one;
        if (name->type == GEN_DNS) {
            const auto* bytes = reinterpret_cast<const char*>(ASN1_STRING_get0_data(name->d.dNSName));
            one.assign(bytes, static_cast<size_t>(ASN1_STRING_length(name->d.dNSName)));
        } else if (name->type == GEN_IPADD) {
            one = addressText(name->d.iPAddress);
        } else {
            continue;
        }
        for (char& each : one) {
            if (each < 0x21 || each > 0x7E) each = '?';
        }
        text += (text.empty() ? "" : ", ") + one;
    }
    return text.empty() ? "nobody: it has no subjectAltName" : text.substr(0, maxNamesLength);
}

std::string handshakeProblem(SSL* ssl, const std::string& host, const std::string& names, unsigned long error) {
    long verified = SSL_get_verify_result(ssl);
    int reason = ERR_GET_REASON(error);
    if (error == 0) return "the peer closed the connection during the TLS handshake; does it speak TLS on this port?";
    if (ERR_GET_LIB(error) == ERR_LIB_SSL) {
        switch (reason) {
        case SSL_R_CERTIFICATE_VERIFY_FAILED: return certificateProblem(host, names, verified);
        case SSL_R_WRONG_VERSION_NUMBER:
        case SSL_R_HTTP_REQUEST: return "what the peer speaks on this port is not TLS";
        case SSL_R_UNSUPPORTED_PROTOCOL: return "the peer speaks no version of TLS that is taken here: 1.2 or 1.3";
        case SSL_R_NO_SHARED_CIPHER: return "the peer has no cipher that is taken here";
        case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE: return "the caller has no certificate, and has to have one";
        default: break;
        }
        if (reason > alertOffset) return alertProblem(reason - alertOffset);
    }
    const char* text = ERR_reason_error_string(error);
    return std::string("TLS: ") + (text ? text : "unknown error");
}

bool isRefusal(unsigned long error) {
    if (ERR_GET_LIB(error) != ERR_LIB_SSL) return false;
    int alert = ERR_GET_REASON(error) - alertOffset;
    return (alert >= 40 && alert <= 49) || alert == 70 || alert == 71 || alert == 116;
}

std::string takeReason() {
    unsigned long error = ERR_peek_last_error();
    const char* text = ERR_reason_error_string(error);
    std::string reason = text ? text : error != 0 ? "error " + std::to_string(error) : "no reason given";
    if (ERR_SYSTEM_ERROR(error)) reason = "errno " + std::to_string(ERR_GET_REASON(error));
    ERR_clear_error();
    return reason;
}

}  // namespace wire
