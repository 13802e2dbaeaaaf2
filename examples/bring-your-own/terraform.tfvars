name             = "companion-parts"
region           = "eu-central-1"
kms_key_arn      = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
alarm_topic_arns = ["arn:aws:sns:eu-central-1:111122223333:companion-alarms"]

worker = {
  function_arn    = "arn:aws:lambda:eu-central-1:111122223333:function:our-worker"
  role_name       = "our-worker"
  timeout_seconds = 30
}
