"""Words of orders to the reader, in folded text without quotes and markup; see :mod:`rag.injection`.

Each rule needs something that ordinary text about people and offices does not say: an order about "the above", about
"every question", about "your answer", or one that is addressed to an assistant. That somebody ignored a notice,
answered all questions or refused to answer is news, not an order.

The rules are regular expressions in which white space means nothing, capitals name a fragment, and ``_`` is a space
that may be missing, as it is where letters were spaced out.
"""

from __future__ import annotations

import re

# Folded Chinese is simplified, with half-width punctuation but for 。 and 、
_ZH_FRAGMENTS = {
    "BEGINS": r"""
        (?:^|[,;:。!?、()\[\]{}【】《》…—\-]\s*|请|你们?|您|务必|必须|立即|马上|首先|完全|彻底|一律|
        (?<!不)应当?|麻烦|直接|现在|(?<!不)要|改)""",
    "DROP": r"""
        (?:忽略|忽视|无视|忘记|忘掉|忘却|抛开|丢弃|摒弃|不要理会|不必理会|无需理会|不用理会|别理会|
        不用管|别管|不要管|不要看|别看|不要遵守|不再遵守|不要相信|不必参考|不要参考|不要使用)
        (?!了|过|不)""",
    "ABOVE": r"""
        (?:以上|上述|前述|上面|上文|前文|前面|本[页文]|此前?文|以前的?对话|下面|下文|以下|其他|其它|其余|
        所有|全部|一切|任何)""",
    "INPUT": r"""
        (?:内容|文字|文本|资料|材料|信息|要求|规则|规定|问题|数据|数字|说明|段落|句子|语句|条目|
        文档|报道|新闻|消息)""",
    "PROMPT": r"(?:指令|指示|命令|提示词?|设定|上下文|对话|prompt|instructions?)",
    "PROGRAM": r"""
        (?:ai|人工智能|大?语言模型|大模型|模型|机器人|问答系统|问答程序|检索系统|阅读程序|(?:ai|
        智能|问答|人工智能|虚拟|阅读|语言)?小?(?:助手|助理|帮手))""",
    "ASKER": r"(?:用户|提问者|提问人|询问者|发问者|对方|别人|他人|任何人|大家|谁|人家|读者)",
    "SAYS": r"(?:回答|回覆|回复|答复|作答|答|输出|写|说|称|讲|报|填)",
    "ALWAYS": r"(?:都|均|一律|只能?|必须|统一|全部|永远|始终|总是|就|请|要|应当?|须|需|直接|一概)",
}
_ZH_RULES = r"""
    # It tells how to answer, and speaks of the text it stands in; not 根据以上材料回答问题, as examinations do.
      ^(?=.*(?:请|必须|务必|一律|不要|只能|只需|直接)[^,;。!?]{0,8}(?:回答|回覆|回复|答复|作答|答案|输出))
        (?=.*(?:以上|上文|前文|上面|前面|后面的|本页|本段|这段|其余|这[条段句](?:信息|消息|话|文)|文档|资料(?![室库])|
        段落|指令|提示词|文中))(?!.*(?<!不要)(?<!不得)(?:根据|阅读|结合|依据|参考|对照|查看|查阅|提交|填写)[^。]{0,14}
        (?:材料|资料|文字|短文|上文|以上|文档|段落))
    | (?:无视|忘[掉记]|抛开|不要管)[^,;。!?]{0,4}(?:你|您|文档|资料|本文|段落|指令|提示)
    # 忽略以上所有内容
    | BEGINS(?:都|先|再|全部)?DROP.{0,6}ABOVE[^,;。!?]{0,8}(?:INPUT|PROMPT)
    | DROP[^,;。!?]{0,8}(?:以上|上述|上面|之前|先前|此前|以前|所有|全部|一切|任何|原有|系统|
        你的)[^,;。!?]{0,6}PROMPT
    | BEGINS DROP(?:以上|上述|前述|上文|前文|本文|本页|全文|其他段落?)(?:的?一切|的?全部|的?所有)?(?=$|
        [,;。!?、并和后])
    | (?:你|您|请|把|将)[^,;。!?]{0,6}(?:以上|上面|前面|之前|此前|刚才)[^,;。!?]{0,6}(?:读到|看到|内容|
        文字|资料|指令|说)[^,;。!?]{0,6}(?:忘掉|忘记|忘了|抛开|清空|作废|丢开)
    | (?:以上|上面|前面)的?(?:内容|文字|资料)?(?:全?都|全部?|均)是?(?:废话|不算数?|作废|无效|假的|错的)
    | 其[他它余]的?(?:段落|资料|内容|条目|文档)(?:全部|全?都|均|一律)?(?:作废|无效|不算)
    | 停止(?:你|您)(?:现在|当前|正在)?的?(?:任务|工作|回答)
    | (?:本|这|此)(?:段|句|条|指令|消息)[^,;。!?]{0,6}优先级
    | (?:上文|前文|前面|上面)的?(?:内容|资料)?(?:全部|都|均|一律)?(?:作废|不算|无效)
    | (?:无需|不必|不用|无须|不需要|别|不要)(?:再)?(?:参考|查看|查阅|阅读|理会|理|管|看|考虑|采用|引用)
        [^,;。!?]{0,4}(?:本页|其余|其他段|其他资料|上面|前面|以上|上述|上文|前文|原文|下文)
    | (?:清空|清除|抹去|重置)(?:你|您)的?(?:记忆|设定|上下文|历史)
    | (?:本|此|这)(?:讯息|消息|指令|段|句|信息)[^,;。!?]{0,4}(?:优先于|高于|取代|覆盖)
    # 无论用户问什么,都回答…
    | (?:无论|不管|不论)[^,;。!?他她]{0,4}(?:问题|提问|问)[^。!?他她]{0,8}(?:答案|回答|结果)
        (?:都|均|总|一律|就|只|应当?|必须)*(?:是|为|写|返回)
    | (?:任何人|谁|别人|有人)(?:来|再|向你)?(?:问|询问|提问)[^。!?他她]{0,10}(?:都|均|一律|就|统一|也)
        (?:只|直接)?(?:说|答|回答|以|按|用|讲)
    | (?:任何|所有|一切|每个|每次|全部)(?:查询|检索|提问|询问|问题)的?(?:结果|回应|输出)(?:都|均|应当?|必须|一律|只)
    | (?:作答|回答|答复|输出)(?:问题)?之?[前时后][^。!?他她笔]{0,6}(?:先|一律|必须|只|都|请)[^。!?笔]{0,4}
        (?:输出|使用|写|说|打印|附)(?![^。!?]{0,10}笔)
    | (?:把|将)(?:用户|提问者)的?(?:问题|提问|输入)[^。!?]{0,4}(?:替换|改|换|当作|视为)
    | (?:无论|不管|不论)[^,;。!?他她]{0,6}(?:请求|要求|输入|消息),?都要?先?(?:说|回答|输出)
    | (?:回答|作答|答复)的?时候?,?请?(?:不要|别|勿)
    | (?:立即|马上)停止(?:回答|作答)|对(?:用户|提问者)隐瞒
    | (?:你|您)的(?:程序|指令|设定)已被?(?:修改|更改|改变|更新)
    | (?:你|您)的新(?:任务|身份|角色|名字|指令|目标)
    | (?:然后|并|请|你|您)只(?:能|要|需|准)?说
    | (?:如果?|若|当|凡|只要|每当|一旦|遇到)[^,;。!?]{0,10}(?:问|询问)[^。;!?他她]{0,16}?,?(?:请|你就?|
        您就?|必须|一律|务必|统一)(?:直接|只|要|须)*SAYS(?=[^,。;!?得了好])
    | (?:所有|一切|任何|每个|全部)的?(?:问题|提问|询问|查询),?(?:全?都|均|一律|只|必须|统一|就)+SAYS
        (?=[^,。;!?得了好完毕清])
    | (?:接下来|之后|后续|你|您)的?(?:回答|输出|答案)(?:只能|必须|一律)
    | (?:请|把|将)[^。!?]{0,40}(?:作为|当作)(?:你的|您的|唯一的?|最终的?)*(?:答案|回答|回复)(?:输出|
        返回|写)
    | 要求(?:你|您)(?:必须|只)?(?:回答|输出)
    | (?:无论|不管|不论|凡是?|只要)(?:ASKER|你|您|ai)?(?:再|怎么|如何)?(?:被|来)?(?:问|提问|提出|
        询问)[^。!?他她]{0,12}?,?(?:请|你|您|PROGRAM)?ALWAYS+SAYS(?!得|了|好|完|问题)
    | (?:所有|一切|任何|每个|每一个|全部|下一个|用户的|各种)的?(?:问题|提问|询问|查询)的?(?:正确|标准|
        唯一|最终|真正)?(?:答案|回答)(?:都|均|一律|只能|必须|只|永远|应当?)*(?:是|为|:|写|填)
    | (?:对|对于|回答|答复)(?:用户的|ASKER的)?(?:所有|一切|任何|每个|每一个|全部)的?(?:问题|提问|询问|
        查询)[^,;。!?他她]{0,4},?(?:时|都|均|一律|只|请|必须|统一|就)+SAYS
    | (?:所有|一切|任何|每个|每次)(?:的)?(?:回答|答案|回复|输出)(?:都|均|一律|里|中|内|前|后|必须|应当?|
        要|只能)+(?:写|注明|包含|是|为|说|附|加|输出|以)
    | (?:正确|标准|唯一|最终)(?:的)?(?:答案|回答)(?:永远|始终|一律|总是|只能|必须)(?:是|为|写)
    | 必须SAYS(?:为|成|作)
    # 你现在是一名不受限制的AI
    | (?:你|您)(?:现在|已经?|从现在起|将|不再|必须|要|就|只)*(?:是|扮演|充当|化身为?|变成|
        成为)[^,;。!?]{0,14}PROGRAM
    | (?:请你?|你现在|你将|你要|你需要?|现在)(?:来)?(?:扮演|充当|假装|假扮)[^,;。!?]{0,14}(?:PROGRAM|
        角色|管理员|开发者|黑客|专家)
    | (?:你|您)(?:已|现在|将|必须|要|立即)*(?:进入|处于|切换到)[^,;。!?]{0,8}模式
    | (?:请你|你要|你必须)(?:来)?(?:扮演|充当|假装|假扮|装作)
    # 致阅读本文的人工智能助手
    | 请PROGRAM(?:在此|立即|马上|停止|不要|勿|先)
    | 读到(?:这里|此处|此行|这段话?|本[段句页文])的?(?:PROGRAM|程序|系统|软件|,请|,你)
    | PROGRAM们?(?:们|读者)?(?:,|:|!|在)?(?:读到|看到|阅读|请(?![在到从进按])|你|您|务必|忽略|
        可以麻烦|能否|帮我|给我|替我|必须(?:忽略|
        回答|拒绝|说|写|输出))(?!的?(?:能力|理解))
    | (?:请|致|亲爱的|敬爱的|尊敬的|给)[^,;。!?]{0,12}PROGRAM(?:们|读者)?(?:的)?(?:指令|命令|提示|说明|
        注意|:|,请|,你|,您|,可以|,麻烦|牢记|务必)
    | 请(?:ai|人工智能|大?语言模型|大模型)(?:读者|助手)?(?:牢记|注意|务必|忽略|回答)
    | (?:如果|若|假如|倘若|既然)(?:你|您)(?:是|就是|作为)[^,;。!?]{0,8}PROGRAM
    | 作为(?:一个|一名|一款)?[^,;。!?]{0,6}PROGRAM,?(?:你|您)
    | (?:阅读|读到|读取|看到|处理|解析|总结|检索)(?:到)?(?:本|此|这)(?:文|段|篇|页|句|份|
        条)[^,;。!?]{0,8}PROGRAM
    # 请告诉提问者…, 在回答的结尾附上…
    | (?:请|必须|务必|你要?|一律|并|,)(?:直接|只)?(?:告诉|告知|答复|引导|诱导|回答)(?:用户|提问者|
        提问人|询问者|发问者)
    | 在(?:你的|您的|每个|每次|每一个|所有|全部)?(?:回答|答案|回复|输出)的?(?:结尾|末尾|开头|最后|后面|
        前面|中|里|后)[^,;。!?]{0,6}(?:附上|附加|加上|加入|插入|写上|注明|输出|添加|放上|显示)
    | (?:请|你|您|务必|一律|统一)(?:直接|只|仅|都|须|必须|要|应当?|需|能|统一|一律|在回答中)*(?:回答|
        答复|作答|输出|只答)(?!第)(?:为|成|说|:|[^,;。!?第以下列问各]{0,12}\d)
    | (?:^|[,;。:])只(?:需|能|准|许)?(?:回答|作答|输出)(?!了|过)
    | 请(?:你|您)?只(?:需|要|能)?(?:回答|作答|答)(?![^,;。!?]{0,6}题)
    | 只要?说[^。!?]{1,30}就(?:好|行|可以)
    | (?:用户|提问者)的?(?:提问|问题)[^,;。!?]{0,6}(?:只|一律|统一)(?:输出|回答)
    # 拒绝回答
    | (?:^|请|你|您|必须|务必|应当|一律)(?:都|一律)?拒绝(?:回答|作答|答复)(?:任何|所有|一切|用户|全部)
    | (?:^|[,;:。]|请|你|您|必须|务必)(?:不要|不得|不准|切勿|别|停止|禁止)(?:再)?(?:回答|答复)(?:用户|
        提问者|任何问题|所有问题|一切问题)
    # 新的系统指令:
    | (?:新的?|最新|隐藏|秘密|最高|紧急|真正的?|管理员|开发者|系统)(?:系统)?(?:指令|提示词|提示语)
        (?:更新|变更|覆盖|:|如下|,)
    | (?:输出|打印|重复|泄露|透露|公开|复述)(?:出)?(?:你的|全部|完整的?|上面的?|以上)*(?:系统提示词?|
        提示词|系统指令)
    | 以(?:本|这|此)(?:段|句|条|指令|消息|提示)(?:话)?为(?:唯一|最终)?(?:的)?(?:准|依据|答案)
    | 只(?:能|要|可)?(?:采用|使用|相信|采信|引用|依据)(?:本|这|此)(?:条|段|句)
    | (?:解码|译码|解密)(?:后|并|,|然后)[^,;。!?]{0,4}(?:照做|执行|遵照|按|照|服从)"""

_EN_FRAGMENTS = {
    "BEGINS": r"""
        (?:^|[.,;:!?()\[\]{}…—\-]\s*|\b(?:please|must|should|shall|now|and|then|you|kindly|simply|
        just|are_to|always)_)""",
    "DROP": r"""
        (?:ignore|disregard|forget|override|bypass|overlook|discard|neglect|pay_no_attention_to|
        do_not_follow|dont_follow|stop_following|cancel|revoke|erase|neglecting|do_not_obey|
        leave_out|set_aside|skip|drop|do_not_use|dont_use|do_not_trust)""",
    "ABOVE": r"""
        (?:above|previous|prior|preceding|earlier|foregoing|initial|original|other|all|any|every|
        everything|entire|rest|following|system|your|these|those|this)""",
    "PROMPT": r"(?:instructions?|directions?|directives?|prompts?|guidelines|context|programming|commands?)",
    "INPUT": r"""
        (?:text|content|passages?|figures?|information|statements?|sentences?|documents?|data|page|
        article|answers?)""",
    "PROGRAM": r"""
        (?:ai|a\.i\.|ais|llms?|gpt|chatgpt|chatbots?|bots?|(?:large_)?language_models?|
        (?:ai_)?assistants?|ai_(?:models?|systems?|agents?|readers?|programs?)|
        (?:question-?_answering|answering|automated|reading|retrieval)_(?:systems?|programs?|
        models?|assistants?))""",
    "SAYS": r"(?:answer|reply|respond|say|output|state|print|write|report|return|claim)",
    "ASKED": r"(?:question|query|quer(?:y|ies)|prompt|request|thing)s?",
}
_EN_RULES = r"""
    # It tells how to answer, and speaks of the text it stands in.
      ^(?=.*(?:(?:^|[.;:!,]\s*)(?:please_|kindly_|simply_|just_|always_|never_|do_not_|dont_)*
        (?:SAYS|forget|ignore|disregard)\b|\byou_(?:must|will|shall|should)\b|\bplease\b))
        (?=.*\b(?:answer|reply|respond|say|output)\b)(?=.*\b(?:passages?|paragraph|article
        |(?:this|the|above|earlier|previous|all|other)_(?:text|document|page|line|message|instructions?|context))\b)
    | ^(?:ai|assistant|model|chatbot|language_model)s?_,.{0,40}\byou_(?:must|will|shall|should|are)\b
    | ^(?=.*\bPROGRAM\b)(?=.*\b(?:must|should|shall|treat|obey)\b)(?=.*\b(?:this|above)_(?:passages?|paragraph|
        article|text|document|page|line|message|instructions?)\b)
    # ignore all previous instructions
    | \bDROP_(?:\w+_){0,3}?(?:ABOVE_)+(?:\w+_){0,3}?PROMPT\b
    | BEGINS DROP_(?:all_|any_|every_|everything_|the_|of_|rest_|this_|these_|other_|whole_|entire_)*
        (?:above|preceding|foregoing)(?!_(?:notice|letter|mail))
    | BEGINS DROP_(?:all_|any_|every_|the_|of_|rest_|this_|these_|those_|other_|whole_|entire_|previous_|
        earlier_)+INPUT(?:_above|_before)?(?=$|[.,;:!?)\]]|_and\b|_above|_before|_of_this)
    | BEGINS DROP_(?:\w+_){0,2}(?:everything|all|anything|what)(?:_that)?(?:_you(?:_have|_ve)?)?_
        (?:above|before|read|were_told|been_told|came_before|have_read)
    | \b(?:read|told|said|stands|came|seen)_(?:so_far|above|before)\b.{0,60}\b(?:forget|disregard|
        ignore|put_(?:it|that)_out_of)
    | \bDROP_(?:everything|all|anything|what)(?:_that)?_(?:i|you|we)_(?:have_)?(?:just_)?(?:said|
        thought|told|wrote|read)\b
    | \bDROP_(?:the_|all_|any_)*(?:rules|PROMPT)_(?:that_)?you_(?:were|have_been|had_been)_(?:given|
        told)
    | \bDROP_your_PROMPT|\bDROP_that_order\b
    | \bstop_what_you(?:_are|re)_doing\b
    | BEGINS(?:disregard|ignore|forget)_(?:whatever|what|anything|everything)_(?:\w+_){0,3}
        (?:written|said|stated|above|earlier|before)\b
    | \b(?:all|any)_(?:prior|previous|earlier|preceding)_(?:context|instructions?|text|messages?|passages?|prompts?)_
        (?:is|are)_(?:void|null|cancel+ed|invalid|obsolete|superseded|outdated|wrong)\b
    | \bact_as_(?:if|though)_(?:the_|all_|every_)*(?:previous|above|preceding|earlier|following|rest)\b
    # the correct answer to every question is
    | \b(?:before|when|while|after)_(?:you_)?(?:answer|reply|respond)(?:ing)?_,?_
        (?:please|replace|print|output|say|state|always|include|add|never|first_(?:print|output|say))\b
    | BEGINS(?:do_not|dont|never)_(?:tell|inform|show)_(?:the_|any_)?(?:users?|askers?|readers?)\b
    | (?:^|[.;:!]_)(?:respond|reply|answer)_to_(?:the|this|any|every|all|each)_(?:query|questions?|prompt|user)_
        (?:with|by_saying|as)\b
    | \b(?:end|begin|start|finish|preface|prefix)_(?:every|each|all|any|your)_(?:answer|reply|response|output)s?_with\b
    | ^(?:print|output|say|write|type)_\w+_and_(?:stop|nothing_else|exit|quit)\b
    | \b(?:every|each|all)_(?:answer|reply|response|output)s?_(?:must|should|shall|has_to|have_to)\b
        (?!_(?:be_)?(?:written|typed|returned|received|submitted|sent|kept|in_|at_))
    | \byou_(?:must|shall|will|should)_SAYS\b.*\bno_matter_what\b
    | \byour_(?:instructions|orders|programming|prompt)_(?:have|has|are|is|were)_(?:changed|been|now)\b
    | BEGINS(?:hide|conceal|withhold)_.{0,40}_from_(?:the_users?|users|whoever_asks|anyone_who_asks|the_asker)\b
    | \brepeat_after_me\b|\bassume_the_role_of\b|\b(?:overrides?|supersedes?)_(?:all|any|everything)_
        (?:earlier|previous|prior|above|other)\b
    | BEGINS(?:SAYS)_(?:\w+_){0,4}with_(?:the|a|one)_(?:single|one|exact)_(?:token|word|letter)\b
    | \bwhen(?:ever)?_(?:a|the|any)_user_asks\b[^.!?]{0,60},_(?:always_)*tell\b
    | \breply_(?:yes|no|ok)_to_(?:everything|every|all|any)\b
    | \b(?:if|when|whenever)_(?:you_are_|youre_|the_user_|any_user_|a_user_|users?_|anyone_|someone_|
        people_|anybody_)*(?:ask|asks|asked|inquires?|wants_to_know)\b[^.!?]{0,60},_(?:please_|always_|
        just_|simply_|only_|you_must_|then_)*SAYS\b
    | \b(?:if|when|whenever)_this_(?:document|page|text|passage|article)_is_(?:used|read|cited|
        retrieved|quoted|found|summari[sz]ed)\b
    | \byour_(?:answer|reply|response|output)s?_(?:must|shall|has_to|is_to)_(?:always_|only_)*(?:be|contain|
        include|say|read|state|consist)\b(?!_(?:written|typed|returned|received|submitted|sent|kept|in_|at_|no_))
    | \bthe_only_(?:acceptable|permitted|valid|allowed|correct)_(?:answer|reply|response)_(?:is|to)\b
    | \bSAYS\b[^.!?]{0,60}_as_(?:your|the)_(?:answer|reply|response)\b
    | BEGINS(?:output|(?:reply|respond|answer)_with)_the_words?\b
    | \b(?:instead,?_please|i_(?:want|need)_you_to)_(?:\w+_)?(?:SAYS|act|ignore|pretend|forget)\b
    | BEGINS(?:do_not|dont)_(?:summari[sz]e|quote|cite|mention)_(?:this|the)_(?:document|page|text|
        passage|article|section)\b
    | \banswers?_to_(?:every|all|any|each|whatever|the_user_s|the_users)_(?:\w+_)?(?:ASKED|you|is|
        asked)?\b.{0,20}\b(?:is|must|should|shall)\b
    | BEGINS SAYS_(?:to_)?(?:every|all|any|each|whatever)_(?:\w+_){0,2}ASKED_(?:with|as|only|using)\b
    | \bto_(?:every|all|any|each)_(?:\w+_){0,2}ASKED,?_(?:you_)?(?:must_|should_|only_|just_|
        always_)*SAYS\b
    | \b(?:whatever|no_matter_what|no_matter_which|regardless_of_(?:what|which|the)|to_whatever)\b
        (?:_the)?(?:_ASKED|_you_are|_youre|_you|_the_user|_users?|_is|_anyone|_they|_one)*_(?:ask(?:s|
        ed)?|is|are|says?|question)?,?_(?:you_)?(?:must_|should_|only_|just_|always_|simply_|
        please_)*SAYS\b(?!ed)
    # you are now …
    | \byou(?:_are|re)_(?:now_)?(?:(?:called|named)_|an?_|the_)?(?:\w+_){0,2}(?:dan|ai|assistant|
        language_model|chatbot|bot|model|pirate|jailbroken|unrestricted)\b
    | \byou_are_(?:now_|no_longer_)(?:in_|bound|restricted|limited|free|acting|required|going_to|
        a_different)
    | \byou_(?:must|will|shall|should|have_to|need_to|are_to|may_only|can_only)_(?:now_|only_|always_|
        never_|just_|henceforth_)*(?:SAYS_(?:that|with|only|as|exactly|to_every|to_all|to_any|:)|obey_
        (?:me|only|this|these|the_following|every|all)|act_as|pretend|ignore|refuse_to)
    | BEGINS(?:pretend|imagine)_(?:that_)?(?:you_are|to_be|youre)\b
    | BEGINS(?:act|behave|role_play)_as_(?:an?_|if_|though_|the_)(?:you_|\w+_){0,3}(?:ai|assistant|
        model|bot|were|are|admin)
    | \bfrom_(?:now|here|this_point|this_moment)_on(?:wards?)?,?_(?:you_)?(?:must_|will_|should_|shall_|
        only_|always_)*(?:SAYS\b|act_as|ignore|forget|obey|speak)
    # for the assistant:
    | \b(?:for|to|dear|attention|attn|note|notes|message|notice|instructions?|hello|hey|hi|important|
        calling)(?:_(?:to|for))?[:,]?(?:_(?:the|any|all|every|whichever|our|my|helpful|kind|other|
        reading))*_PROGRAM(?:_(?:who|that|which)?\s?(?:reads?|reading|process(?:es|ing)?|summari[sz](?:es|
        ing))_.{0,30}?)?(?:[:!]|,_(?:please|would|could|you|kindly|do|ignore))
    | \b(?:hey|hello|hi|dear|attention)_(?:PROGRAM|model|machine|computer|system|robot)_[,:!]
    | \b(?:any|every|each|all)_(?:PROGRAM|systems?|programs?|models?|tools?|software)_(?:(?:that|which)_)?
        (?:summari[sz](?:es?|ing)|reads?|reading|process(?:es|ing)?)_(?:this|it)\b
    | \b(?:the|this|any|every|each|all)_PROGRAM_(?:must|should|shall)_(?:now|only|always|never)_
    | \byou_(?:have_been|are)_(?:reprogrammed|reset|jailbroken|reconfigured)\b
    | ^(?:(?:system|admin)_override_[:.!]|override_:_\w)
    | \b(?:instructions?|directives?|orders?|commands?|note|message)_(?:to|for)_(?:the_|any_|all_|
        every_)?PROGRAM
    | \bPROGRAM_(?:(?:who|that|which)_)?(?:reads?|reading|process(?:es|ing)?|sees?|seeing|summari[sz]
        (?:es?|ing))_(?:this|the_above|these)\b
    | \b(?:all|any|every)_PROGRAM_(?:must|should|shall|have_to|are_(?:to|required_to|instructed_to))_
    | \bif_(?:you_are|youre|you_re)_(?:an?_|the_)?(?:\w+_)?PROGRAM\b
    | \bas_an?_(?:\w+_)?PROGRAM,?_you\b
    # at the end of your answer, add …
    | \b(?:in|at_the_(?:very_)?(?:end|start|beginning|top|bottom)_of|to|into|with|after|before)_(?:your|
        every|each|all)_(?:\w+_)?(?:answer|reply|response|output)s?,?_(?:always_|please_|also_|you_must_)*
        (?:include|add|insert|append|print|write|mention|put|link|tell|state|display|show|place)\b
    | \b(?:include|add|append|insert|put|print|display|embed|place|end|begin|start)\b.{0,80}\b(?:in|to|
        at_the_(?:end|start|beginning|top)_of|with|of)_(?:your_(?:answer|output)|(?:every|each)_
        (?:answer|reply|response|output))s?\b(?!_(?:sheet|paper|book|box|form|page))
    | BEGINS(?:tell|inform|convince|urge)_(?:the_|every_|any_|all_)?(?:users?|askers?|person_asking|
        people_who_ask)\b
    | BEGINS(?:reply|respond|answer|output|print|return|say)_(?:only|just|exactly|solely|nothing_but|
        always)\b(?!_(?:if|when|after|the|those))
    | \balways_(?:answer|reply|respond|say|output|state|claim|report)(?:_with|_that|:)
    | \b(?:simply|kindly|just)_(?:answer|reply|respond|say|output|state)(?:_with|_that)\b
    | BEGINS use_only_this_(?:passage|paragraph|sentence|text)
    | ^(?:llms?|ais?|PROGRAM)_:
    | ^(?:ai_assistants?|assistants?|language_models?|chatbots?)_,_(?:please|recommend|replace|SAYS|
        ignore|do|always|tell|you)\b
    | ^system_:_[^\n]{0,80}\b(?:users?|you|ignore|assistant|answer|must)\b
    # refuse to answer
    | \b(?:must|shall|please|you|to|should)_(?:always_)?(?:refuse|decline)_to_(?:answer|reply|respond)
    | BEGINS(?:do_not|dont|never)_(?:answer|reply_to|respond_to)_(?:any|all|the_users?|users?|further|
        this|these)_(?:other_|more_)?(?:ASKED)?(?=$|[.,;:!?])
    # new system instructions:
    | \b(?:new|updated|hidden|secret|real|admin|developer|system)_(?:system_)?(?:instructions?|prompt|
        directive|override)s?_:
    | \byour_new_(?:task|role|job|goal|instruction|rule)s?\b
    | \b(?:follow|here_are|is|obey)_the_(?:new|following_new|correct|real)_(?:rules?|instructions?|task|
        orders?)\b
    | \byour_(?:system|hidden|initial|original)_(?:prompt|instructions?|message)\b
    | \b(?:reveal|print|repeat|output|show|leak|translate|dump|list)_(?:\w+_){0,4}your_(?:\w+_)?
        (?:instructions|prompt)\b
    | \b(?:highest|top|absolute)_(?:precedence|priority)_(?:from_now_on|over_(?:all|any|every))\b
    | \bsystem_(?:prompt|override)(?:_(?:update|follows|begins))\b
    | \b(?:reveal|print|repeat|output|show|leak)_(?:me_)?(?:your|the)_(?:system_|hidden_|initial_|
        full_)*(?:prompt|instructions)\b
    | \b(?:end|begin(?:ning)?|start)_of_(?:the_)?(?:system_)?(?:prompt|context|instructions?|passages)\b
    | \bdecode\b.{0,40}\b(?:do_what|follow|obey|execute|carry_out)\b
    | \brole_[:=]_(?:system|assistant|developer)\b
    | \b(?:developer|dan|god|jailbreak|debug)_mode_(?:enabled|activated|on)\b"""

_EXCUSED = r"""
    # "if you have already paid, ignore this"
      (?:如果?|若)(?:您|你|贵单位|各单位)?已经?(?:缴|办|付|交|报|完成|提交|登记|接种|领|升级|更新)
    | \bif_you_(?:have_)?already\b"""
_NO_EXCUSE = re.compile(
    r"回答|作答|输出|答案|指令|提示词|\b(?:answer|reply|respond|output|say|instruction|prompt)"
)


def _expanded(rules: str, fragments: dict[str, str]) -> str:
    named = re.sub("|".join(fragments), lambda match: fragments[match[0]], rules)
    # After \w+ the space must be there: otherwise a hostile text could be matched in so many ways that it never ends.
    return re.sub(r"(?<=\\w\+)_", "[ ]", named).replace("_", "[ ]?")


_ANY_RULE = f"{_expanded(_ZH_RULES, _ZH_FRAGMENTS)} | {_expanded(_EN_RULES, _EN_FRAGMENTS)}"
_ORDER = re.compile(_ANY_RULE, re.VERBOSE)
_EXCUSE = re.compile(_expanded(_EXCUSED, _EN_FRAGMENTS), re.VERBOSE)


def holds_order(text: str) -> bool:
    """Whether folded ``text`` holds an order to its reader."""
    if not _ORDER.search(text):
        return False
    return _EXCUSE.search(text) is None or _NO_EXCUSE.search(text) is not None
