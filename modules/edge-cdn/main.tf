locals {
  origin_id = "${var.name}-realtime"
}

resource "aws_cloudfront_distribution" "this" {
  enabled         = true
  is_ipv6_enabled = true
  comment         = "Handshakes of ${var.name}"
  aliases         = var.domain.aliases
  price_class     = var.price_class
  web_acl_id      = var.web_acl_arn
  # WebSocket handshakes are HTTP/1.1; clients negotiate it by themselves, and there is nothing else to serve.
  http_version = "http1.1"
  tags         = var.tags

  origin {
    origin_id   = local.origin_id
    domain_name = var.origin.host
    origin_path = var.origin.path

    custom_origin_config {
      origin_protocol_policy = "https-only"
      origin_ssl_protocols   = ["TLSv1.2"]
      http_port              = 80
      https_port             = 443
      # A handshake takes as long as the functions behind it: API Gateway gives them 29 seconds.
      origin_read_timeout = 30
    }
  }

  default_cache_behavior {
    target_origin_id       = local.origin_id
    viewer_protocol_policy = "https-only"
    # A handshake is a GET; CloudFront has no smaller set than this.
    allowed_methods          = ["GET", "HEAD"]
    cached_methods           = ["GET", "HEAD"]
    cache_policy_id          = aws_cloudfront_cache_policy.none.id
    origin_request_policy_id = aws_cloudfront_origin_request_policy.handshake.id
    compress                 = false
  }

  # CloudFront keeps errors for 10 seconds even where nothing is cached (AWS docs: Control how long CloudFront caches errors),
  # and a refused handshake has the same cache key as everybody's: one bad ticket would keep a whole city out.
  custom_error_response {
    error_code            = 400
    error_caching_min_ttl = 0
  }
  custom_error_response {
    error_code            = 403
    error_caching_min_ttl = 0
  }
  custom_error_response {
    error_code            = 404
    error_caching_min_ttl = 0
  }
  custom_error_response {
    error_code            = 405
    error_caching_min_ttl = 0
  }
  custom_error_response {
    error_code            = 414
    error_caching_min_ttl = 0
  }
  custom_error_response {
    error_code            = 500
    error_caching_min_ttl = 0
  }
  custom_error_response {
    error_code            = 501
    error_caching_min_ttl = 0
  }
  custom_error_response {
    error_code            = 502
    error_caching_min_ttl = 0
  }
  custom_error_response {
    error_code            = 503
    error_caching_min_ttl = 0
  }
  custom_error_response {
    error_code            = 504
    error_caching_min_ttl = 0
  }

  restrictions {
    geo_restriction {
      restriction_type = length(var.countries) > 0 ? "whitelist" : "none"
      locations        = var.countries
    }
  }

  viewer_certificate {
    acm_certificate_arn      = var.domain.certificate_arn
    ssl_support_method       = "sni-only"
    minimum_protocol_version = "TLSv1.2_2021"
  }
}

resource "aws_cloudfront_cache_policy" "none" {
  name        = "${var.name}-none"
  comment     = "Nothing of ${var.name} is cached"
  min_ttl     = 0
  default_ttl = 0
  max_ttl     = 0

  parameters_in_cache_key_and_forwarded_to_origin {
    enable_accept_encoding_brotli = false
    enable_accept_encoding_gzip   = false

    headers_config {
      header_behavior = "none"
    }
    cookies_config {
      cookie_behavior = "none"
    }
    query_strings_config {
      query_string_behavior = "none"
    }
  }
}

# What a handshake needs, and no more. With the viewer's Host API Gateway would not know the API, and answer 403.
resource "aws_cloudfront_origin_request_policy" "handshake" {
  name    = "${var.name}-handshake"
  comment = "WebSocket handshakes of ${var.name}"

  headers_config {
    header_behavior = "whitelist"
    headers {
      items = ["Sec-WebSocket-Extensions", "Sec-WebSocket-Key", "Sec-WebSocket-Protocol", "Sec-WebSocket-Version"]
    }
  }
  cookies_config {
    cookie_behavior = "none"
  }
  query_strings_config {
    query_string_behavior = "none"
  }
}
